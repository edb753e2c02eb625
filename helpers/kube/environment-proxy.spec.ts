import { expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import { environmentProxy } from './environment-proxy.ts';

const proxy = 'http://me:secret@proxy.example:3128';
const server = 'https://api.example.test:6443';

test.each([
  ['without a proxy', {}, server, undefined],
  ['an empty one', { HTTPS_PROXY: '' }, server, undefined],
  ['HTTPS_PROXY', { HTTPS_PROXY: proxy }, server, proxy],
  ['small letters', { https_proxy: proxy }, server, proxy],
  ['capitals before small letters', { HTTPS_PROXY: proxy, https_proxy: 'http://other:1' }, server, proxy],
  ['an address without a scheme', { HTTPS_PROXY: 'proxy.example:3128' }, server, 'http://proxy.example:3128'],
  ['SOCKS', { HTTPS_PROXY: 'socks5://proxy.example:1080' }, server, 'socks5://proxy.example:1080'],
  ['HTTP_PROXY, which is not for https', { HTTP_PROXY: proxy }, server, undefined],
  ['HTTP_PROXY', { HTTP_PROXY: proxy }, 'http://api.example.test:8080', proxy],
  ['localhost', { HTTPS_PROXY: proxy }, 'https://localhost:6443', undefined],
  ['a loopback address', { HTTPS_PROXY: proxy }, 'https://127.0.0.1:6443', undefined],
  ['the IPv6 one', { HTTPS_PROXY: proxy }, 'https://[::1]:6443', undefined],
])('the proxy of a server: %s', (_, environment, of, expected) => {
  expect(environmentProxy(of, environment)).toBe(expected);
});

test.each([
  ['*', server, true],
  ['other.test, API.example.test', server, true],
  ['example.test', server, true],
  ['.example.test', server, true],
  ['*.example.test', server, true],
  ['ample.test', server, false],
  ['.api.example.test', server, false],
  ['api.example.test:6443', server, true],
  ['api.example.test:443', server, false],
  ['api.example.test:443', 'https://api.example.test', true],
  ['192.0.2.0/24', 'https://192.0.2.7:6443', true],
  ['192.0.3.0/24', 'https://192.0.2.7:6443', false],
  ['192.0.2.7', 'https://192.0.2.7:6443', true],
  ['192.0.2.7:6443', 'https://192.0.2.7:6443', true],
  ['2001:db8::/32', 'https://[2001:db8::7]:6443', true],
  ['2001:db8::/32', 'https://192.0.2.7:6443', false],
  ['2001:DB8:0::7', 'https://[2001:db8::7]:6443', true],
  ['[2001:db8::7]:6443', 'https://[2001:db8::7]:6443', true],
  ['192.0.2.0/24', server, false],
  ['', server, false],
])('that NO_PROXY=%s excepts %s is %s', (exceptions, of, excepted) => {
  expect(environmentProxy(of, { HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBe(excepted ? undefined : proxy);
  expect(environmentProxy(of, { HTTPS_PROXY: proxy, no_proxy: exceptions })).toBe(excepted ? undefined : proxy);
});

test('a proxy that is no address is named without its value', () => {
  const reading = () => environmentProxy(server, { HTTPS_PROXY: 'ftp://me:secret@proxy.example' });
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('HTTPS_PROXY is not the address of a proxy');
  expect(reading).not.toThrow('secret');
});

import { expect, test } from '@jest/globals';
import { UsageError } from '../base/usage-error.ts';
import { proxyEnvironment, proxyLines } from './proxy.ts';

const direct = 'localhost,127.0.0.0/8,::1,.svc,.cluster.local,10.43.0.0/16,10.42.0.0/16,198.19.0.0/24';

test('without a proxy the node gets no variable', () => {
  expect(proxyEnvironment({}, [])).toEqual({});
  expect(proxyEnvironment({ NO_PROXY: 'lan.example', HTTP_PROXY: '', PATH: '/bin' }, [])).toEqual({});
  expect(proxyLines({})).toEqual([]);
});

test.each([
  [
    'capitals',
    { HTTP_PROXY: 'http://proxy.example:3128', HTTPS_PROXY: 'http://proxy.example:3129', NO_PROXY: 'lan.example' },
    {
      CONTAINERD_HTTP_PROXY: 'http://proxy.example:3128',
      CONTAINERD_HTTPS_PROXY: 'http://proxy.example:3129',
      CONTAINERD_NO_PROXY: `lan.example,${direct}`,
    },
  ],
  [
    'small letters',
    { https_proxy: 'http://proxy.example:3128', no_proxy: 'lan.example' },
    { CONTAINERD_HTTPS_PROXY: 'http://proxy.example:3128', CONTAINERD_NO_PROXY: `lan.example,${direct}` },
  ],
  [
    'both, where capitals win',
    { HTTPS_PROXY: 'http://one.example:1', https_proxy: 'http://two.example:2' },
    { CONTAINERD_HTTPS_PROXY: 'http://one.example:1', CONTAINERD_NO_PROXY: direct },
  ],
  [
    "variables for k3s' containerd alone, which win",
    { HTTPS_PROXY: 'http://one.example:1', CONTAINERD_HTTPS_PROXY: 'http://two.example:2', CONTAINERD_NO_PROXY: 'a', NO_PROXY: 'b' },
    { CONTAINERD_HTTPS_PROXY: 'http://two.example:2', CONTAINERD_NO_PROXY: `a,${direct}` },
  ],
  [
    'an address without a scheme, which Go programs accept',
    { HTTP_PROXY: 'proxy.example:3128' },
    { CONTAINERD_HTTP_PROXY: 'proxy.example:3128', CONTAINERD_NO_PROXY: direct },
  ],
])('the proxy reaches the node from %s', (_, environment, expected) => {
  expect(proxyEnvironment(environment, [])).toEqual(expected);
});

test("the cluster's own ranges and domain never go through the proxy", () => {
  const args = ['--service-cidr=172.30.0.0/16', '--cluster-cidr=172.31.0.0/16', '--cluster-domain=example.test'];
  expect(proxyEnvironment({ HTTP_PROXY: 'http://proxy.example' }, args).CONTAINERD_NO_PROXY).toBe(
    'localhost,127.0.0.0/8,::1,.svc,.example.test,172.30.0.0/16,172.31.0.0/16,198.19.0.0/24',
  );
});

test.each(['http://', 'ftp://proxy.example', 'http://user:secret@ proxy', 'http://user:secret@proxy.example:port'])(
  '%s is no address of a proxy; the message has the name of the variable alone',
  (proxy) => {
    for (const reading of [() => proxyEnvironment({ https_proxy: proxy }, []), () => proxyLines({ HTTPS_PROXY: proxy })]) {
      expect(reading).toThrow(UsageError);
      expect(reading).toThrow('HTTPS_PROXY is not the address of a proxy');
      expect(reading).not.toThrow('secret');
    }
  },
);

test('the lines of progress name the variable, and never the address or the password', () => {
  expect(proxyLines({ HTTPS_PROXY: 'http://user:secret@proxy.example:3128' })).toEqual([
    'the node gets the proxy of HTTPS_PROXY, to pull images',
  ]);
});

test.each(['http://localhost:3128', '127.0.0.1:3128', 'http://[::1]:3128'])('a proxy at %s cannot be reached from the node', (proxy) => {
  expect(proxyLines({ http_proxy: proxy })).toEqual([expect.stringMatching(/^warning: HTTP_PROXY names this machine as localhost/)]);
});

import { expect, test } from '@jest/globals';
import { chosenBy, disabledBy, domainSetBy, namesSetByBoth, nodePortRangeSetBy, parseK3sArguments, rangesSetBy } from './k3s-arguments.ts';

test.each([
  ['a value', ['--cluster-domain=example.test'], { '--cluster-domain': ['example.test'] }],
  ['a switch', ['--disable-network-policy'], { '--disable-network-policy': ['true'] }],
  ['a value with an equals sign', ['--node-label=a=b'], { '--node-label': ['a=b'] }],
  [
    'arguments for kube-proxy, each with its inner name',
    ['--kube-proxy-arg=proxy-mode=nftables', '--kube-proxy-arg=v=4'],
    { '--kube-proxy-arg=proxy-mode': ['nftables'], '--kube-proxy-arg=v': ['4'] },
  ],
  ['an inner switch', ['--kubelet-arg=fail-swap-on'], { '--kubelet-arg=fail-swap-on': ['true'] }],
  ['an inner value with an equals sign', ['--kubelet-arg=feature-gates=A=true'], { '--kubelet-arg=feature-gates': ['A=true'] }],
  ['a repeated argument', ['--disable=a', '--disable=b'], { '--disable': ['a', 'b'] }],
  ['nothing', [], {}],
])('%s', (_, args, values) => {
  expect(Object.fromEntries(parseK3sArguments(args))).toEqual(values);
});

const services = ['10.43.0.0/16'];
const pods = ['10.42.0.0/16'];

test.each([
  ['k3s has its defaults without arguments', [], { services, pods }],
  ['other arguments change nothing', ['--disable=servicelb', '--cluster-domain=example.test'], { services, pods }],
  ['the Service range alone', ['--service-cidr=172.30.0.0/16'], { services: ['172.30.0.0/16'], pods }],
  [
    'both ranges',
    ['--cluster-cidr=172.31.0.0/16', '--service-cidr=172.30.0.0/16'],
    { services: ['172.30.0.0/16'], pods: ['172.31.0.0/16'] },
  ],
  [
    'the last of two of one family counts',
    ['--service-cidr=10.1.0.0/16', '--service-cidr=10.2.0.0/16'],
    { services: ['10.2.0.0/16'], pods },
  ],
  [
    'one of each family, in the order of the argument',
    ['--service-cidr=10.43.0.0/16,2001:db8:43::/112', '--cluster-cidr=2001:db8:42::/56,10.42.0.0/16'],
    { services: ['10.43.0.0/16', '2001:db8:43::/112'], pods: ['2001:db8:42::/56', '10.42.0.0/16'] },
  ],
])('ranges: %s', (_, args, ranges) => {
  expect(rangesSetBy(args)).toEqual(ranges);
});

test('disabled components are those of every --disable, and of no other argument', () => {
  expect(disabledBy(['--disable=traefik,servicelb', '--disable-network-policy', '--disable=metrics-server'])).toEqual([
    'traefik',
    'servicelb',
    'metrics-server',
  ]);
  expect(disabledBy([])).toEqual([]);
});

test.each([
  [[], { ranges: false, proxyMode: false }],
  [['--service-cidr=172.30.0.0/16'], { ranges: true, proxyMode: false }],
  [['--cluster-cidr=172.31.0.0/16'], { ranges: true, proxyMode: false }],
  [['--kube-proxy-arg=proxy-mode=nftables'], { ranges: false, proxyMode: true }],
  [['--kube-proxy-arg=proxy-mode-of-another-name=1', '--disable=servicelb'], { ranges: false, proxyMode: false }],
])('%j choose %j', (args, chosen) => {
  expect(chosenBy(args)).toEqual(chosen);
});

test('domain and node ports are the defaults of k3s, or the last values set', () => {
  expect([domainSetBy([]), nodePortRangeSetBy([])]).toEqual(['cluster.local', '30000-32767']);
  expect(domainSetBy(['--cluster-domain=a.test', '--cluster-domain=b.test'])).toBe('b.test');
  expect(nodePortRangeSetBy(['--service-node-port-range=31000-31999'])).toBe('31000-31999');
});

test('a name is set by both lists if its inner name is the same too', () => {
  const one = ['--kube-proxy-arg=proxy-mode=nftables', '--disable=traefik'];
  expect(namesSetByBoth(one, ['--kube-proxy-arg=proxy-mode=iptables'])).toEqual(['--kube-proxy-arg=proxy-mode']);
  expect(namesSetByBoth(one, ['--kube-proxy-arg=v=4'])).toEqual([]);
  expect(namesSetByBoth(one, ['--disable=servicelb', '--disable-network-policy'])).toEqual(['--disable']);
});

import { expect, test } from '@jest/globals';
import {
  argumentsOfAgent,
  chosenBy,
  disabledBy,
  domainSetBy,
  everyRangeOf,
  furtherServiceRange,
  hasIPv6,
  impossibleArguments,
  namesSetByBoth,
  parseK3sArguments,
  rangesSetBy,
  readK3sArguments,
  withoutProxy,
} from './k3s-arguments.ts';

test.each([
  ['--name=value', '--disable=servicelb', ['--disable=servicelb']],
  ['--name value', '--disable servicelb --debug', ['--disable=servicelb', '--debug']],
  ['switches', '  --selinux\n--disable-kube-proxy ', ['--selinux', '--disable-kube-proxy']],
  ['a switch with a value', '--disable-kube-proxy=false', ['--disable-kube-proxy=false']],
  ['a switch of a newer k3s', '--something-new=true', ['--something-new=true']],
  ['a value with an equals sign', '--kube-proxy-arg proxy-mode=nftables', ['--kube-proxy-arg=proxy-mode=nftables']],
  [
    'short and former names',
    '-v 4 -i=192.0.2.1 -debug --no-deploy traefik',
    ['--v=4', '--node-ip=192.0.2.1', '--debug', '--disable=traefik'],
  ],
  ['nothing', ' ', []],
])('arguments are read as %s', (_, text, args) => {
  expect(readK3sArguments(text)).toEqual(args);
});

test.each([
  ['a word that belongs to nothing', '--selinux servicelb', 'The word servicelb is not one of these'],
  ['a word without dashes', 'disable=servicelb', 'The word disable=servicelb is not one of these'],
  ['dashes alone', '--', 'The word -- is not one of these'],
  ['an empty value', '--disable=', 'has --disable without a value'],
  ['a name at the end', '--debug --disable', 'has --disable without a value: write --disable=value'],
  ['a name before another', '--service-cidr --debug', 'has --service-cidr without a value'],
  ['a switch with a wrong value', '--selinux=on', '--selinux is a switch'],
  ['quotes', `--kubelet-arg='v=2'`, 'leave them out'],
])('%s is rejected', (_, text, message) => {
  expect(() => readK3sArguments(text)).toThrow(message);
});

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
  ['an inner name with dashes', ['--kube-proxy-arg=--proxy-mode=nftables'], { '--kube-proxy-arg=proxy-mode': ['nftables'] }],
  ['an inner name that adds to a list', ['--kubelet-arg=config+=a'], { '--kubelet-arg=config': ['a'] }],
  ['a former name', ['--kube-controller-arg=v=4'], { '--kube-controller-manager-arg=v': ['4'] }],
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
  [
    'bits that the prefix leaves to addresses do not count',
    ['--service-cidr=10.43.0.250/16,2001:db8:43::fa/112', '--cluster-cidr=10.42.0.1/16,2001:db8:42::1/56'],
    { services: ['10.43.0.0/16', '2001:db8:43::/112'], pods: ['10.42.0.0/16', '2001:db8:42::/56'] },
  ],
])('ranges: %s', (_, args, ranges) => {
  expect(rangesSetBy(args)).toEqual(ranges);
});

const other = '172.30.0.0/16';

test.each([
  ['the API server', `--kube-apiserver-arg=service-cluster-ip-range=${other}`, { services: [other], pods }, [other, ...pods]],
  [
    'the controller manager, for Pods',
    `--kube-controller-manager-arg=cluster-cidr=${other}`,
    { services, pods: [other] },
    [...services, other],
  ],
  [
    'the controller manager, by its former name',
    `--kube-controller-arg=cluster-cidr=${other}`,
    { services, pods: [other] },
    [...services, other],
  ],
  [
    'the controller manager, for Services',
    `--kube-controller-manager-arg=service-cluster-ip-range=${other}`,
    { services, pods },
    [...services, ...pods, other],
  ],
  [
    'the cloud controller manager',
    `--kube-cloud-controller-manager-arg=cluster-cidr=${other}`,
    { services, pods },
    [...services, ...pods, other],
  ],
  ['kube-proxy', `--kube-proxy-arg=cluster-cidr=${other}`, { services, pods }, [...services, ...pods, other]],
])('a range that an argument sets for %s is contained, and chosen', (_, argument, ranges, contained) => {
  expect(rangesSetBy([argument])).toEqual(ranges);
  expect(everyRangeOf([argument])).toEqual([...contained, furtherServiceRange]);
  expect(chosenBy([argument]).ranges).toBe(true);
});

test('a range that an argument sets for the API server wins over --service-cidr, and both are contained', () => {
  const args = ['--kube-apiserver-arg=service-cluster-ip-range=172.30.0.0/16', '--service-cidr=172.30.0.0/17'];
  expect(rangesSetBy(args).services).toEqual(['172.30.0.0/16']);
  expect(everyRangeOf(args)).toEqual(['172.30.0.0/16', ...pods, '172.30.0.0/17', furtherServiceRange]);
});

test('every range is the one that the components use, without the bits that its prefix leaves to addresses', () => {
  expect(everyRangeOf(['--kube-proxy-arg=cluster-cidr=172.30.0.250/16'])).toContain('172.30.0.0/16');
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
  [['--disable-kube-proxy'], { ranges: false, proxyMode: true }],
  [['--kube-proxy-arg=proxy-mode-of-another-name=1', '--disable=servicelb'], { ranges: false, proxyMode: false }],
])('%j choose %j', (args, chosen) => {
  expect(chosenBy(args)).toEqual(chosen);
});

test('the domain is the default of k3s, or the last value set', () => {
  expect(domainSetBy([])).toBe('cluster.local');
  expect(domainSetBy(['--cluster-domain=a.test', '--cluster-domain=b.test'])).toBe('b.test');
  expect(domainSetBy(['--kubelet-arg=cluster-domain=c.test'])).toBe('c.test');
});

test('a name is set by both lists if its inner name is the same too', () => {
  const one = ['--kube-proxy-arg=proxy-mode=nftables', '--disable=traefik'];
  expect(namesSetByBoth(one, ['--kube-proxy-arg=proxy-mode=iptables'])).toEqual(['--kube-proxy-arg=proxy-mode']);
  expect(namesSetByBoth(one, ['--kube-proxy-arg=v=4'])).toEqual([]);
  expect(namesSetByBoth(one, ['--disable=servicelb', '--disable-network-policy'])).toEqual(['--disable']);
});

test('a cluster is without a Service proxy only where the switch is on', () => {
  expect([[], ['--disable-kube-proxy'], ['--disable-kube-proxy=true'], ['--disable-kube-proxy=false']].map(withoutProxy)).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test.each([
  [['--flannel-backend=none'], 'without flannel'],
  [['--no-flannel'], 'without flannel'],
  [['--flannel-backend=wireguard'], 'k3s has the backends vxlan, host-gw, wireguard-native'],
  [['--flannel-backend=tailscale'], 'needs a VPN'],
  [['--node-taint=dedicated=tests:NoSchedule'], 'do not tolerate the taint'],
  [['--node-taint=a:PreferNoSchedule,b=c:NoExecute'], 'do not tolerate the taint'],
  [['--kubelet-arg=register-with-taints=dedicated=tests:NoSchedule'], 'do not tolerate the taint'],
  [['--disable-agent'], '--disable-agent cannot be used'],
  [['--disable-scheduler=true'], '--disable-scheduler cannot be used'],
  [['--disable=servicelb,coredns'], 'without CoreDNS'],
  [['--server=https://192.0.2.1:6443'], 'starts a cluster of its own'],
  [['--token=abc'], 'it is a secret'],
  [['--datastore-endpoint=mysql://db'], 'outside the node'],
  [['--config=/etc/other.yaml'], 'it names a file in the node'],
  [['--kube-proxy-arg=config=/etc/proxy.yaml'], 'it names a file in the node'],
  [['--private-registry=/r.yaml'], 'CONFORMANCE_REGISTRIES'],
  [['--data-dir=/data'], 'in the usual folder'],
  [['--write-kubeconfig=/k.yaml'], 'reads the kubeconfig'],
  [['--https-listen-port=7443'], 'port 6443'],
  [['--bind-address=127.0.0.1'], 'gets its address from the engine'],
  [['--node-ip=192.0.2.1'], 'gets its address from the engine'],
  [['--log=/var/log/k3s.log'], "a line of k3s' output"],
  [['--service-cidr=10.42.128.0/17'], 'overlap'],
  [['--service-cidr=10.42.0.0/15', '--cluster-cidr=10.43.128.0/17', '--cluster-dns=10.42.0.10'], 'overlap'],
  [['--cluster-cidr=198.18.0.0/15'], 'the range 198.18.0.0/15 overlaps 198.19.0.0/24'],
  [['--service-cidr=198.19.0.128/25'], 'the range 198.19.0.128/25 overlaps 198.19.0.0/24'],
  [['--service-cidr=10.43.0.248/29'], 'the address 10.43.1.2 of DNS is not in the Service range 10.43.0.248/29'],
  [['--service-cidr=10.43/16'], 'has a range that is not written like'],
  [['--service-cidr=172.16.0.0/11'], '/12 is the largest'],
  [['--kube-apiserver-arg=service-cluster-ip-range=172.30.0.0/16'], 'the address 10.43.0.10 of DNS is not in the Service range'],
  [['--cluster-dns=192.0.2.10'], 'the address 192.0.2.10 of DNS is not in the Service range'],
  [['--kubelet-arg=cluster-domain=c.test'], 'CoreDNS serves cluster.local'],
  [['--cluster-cidr=2001:db8:42::/56'], 'needs an IPv4 range for Services and one for Pods'],
  [['--cluster-cidr=2001:db8:42::/56', '--service-cidr=2001:db8:43::/112'], 'needs an IPv4 range for Services and one for Pods'],
  [['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56'], 'not of the same families'],
  [['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=2001:db8:43::/112,10.43.0.0/16'], 'in the same order'],
  [
    ['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:42::/112'],
    'the Pod range 2001:db8:42::/56 overlap',
  ],
  [['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:43::/64'], '/108 is the largest'],
  [
    ['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:43::/112', '--cluster-dns=2001:db8::10'],
    'the address 2001:db8::10 of DNS is not in the Service range',
  ],
  [['--kube-proxy-arg=cluster-cidr=here'], 'has a range that is not written like'],
])('%j cannot work, and the reason is named', (args, reason) => {
  const reasons = impossibleArguments(args, 1);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toContain(reason);
});

test('every reason is named', () => {
  expect(impossibleArguments(['--flannel-backend=none', '--disable-agent', '--data-dir=/data'], 1)).toHaveLength(3);
});

test.each([
  [[]],
  [['--selinux', '--disable-kube-proxy', '--disable-network-policy', '--debug']],
  [['--flannel-backend=host-gw', '--disable=servicelb', '--disable-agent=false']],
  [['--service-cidr=172.30.0.0/16', '--cluster-cidr=172.31.0.0/16', '--cluster-dns=172.30.0.53']],
  [['--kube-apiserver-arg=service-cluster-ip-range=172.30.0.0/16', '--service-cidr=172.30.0.0/17']],
  [['--cluster-domain=a.test', '--kubelet-arg=cluster-domain=a.test']],
  [['--https-listen-port=6443', '--bind-address=0.0.0.0', '--write-kubeconfig=/etc/rancher/k3s/k3s.yaml', '--write-kubeconfig-mode=644']],
  [['--kube-proxy-arg=proxy-mode=nftables', '--kubelet-arg=config-dir=/etc/kubelet']],
  [['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:43::/112']],
  [
    [
      '--cluster-cidr=2001:db8:42::/56,10.42.0.0/16',
      '--service-cidr=2001:db8:43::/112,10.43.0.0/16',
      '--cluster-dns=2001:db8:43::53,10.43.0.53',
    ],
  ],
  [['--service-cidr=10.44.0.0/27']],
  [['--service-cidr=10.43.0.250/16']],
  [['--cluster-cidr=10.42.0.0/16,2001:db8:42::fa/56', '--service-cidr=10.43.0.250/16,2001:db8:43::fa/112']],
  [['--flannel-backend=vxlan']],
  [['--flannel-backend=wireguard-native']],
  [['--node-taint=a=b:PreferNoSchedule', '--kubelet-arg=register-with-taints=a:PreferNoSchedule']],
])('nothing is known against %j', (args) => {
  expect(impossibleArguments(args, 1)).toEqual([]);
});

const bothFamilies = ['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56', '--service-cidr=10.43.0.0/16,2001:db8:43::/112'];

test.each<[string[], 1 | 2, string]>([
  [['--flannel-backend=host-gw'], 2, 'sends packets between Pods of two nodes as they are'],
  [['--node-name=x'], 2, 'needs a name of its own'],
  [['--kubelet-arg=hostname-override=x'], 2, 'needs a name of its own'],
  [['--resolv-conf=/etc/resolv.conf'], 2, 'no query of a Pod leaves this machine'],
  [['--kubelet-arg=resolv-conf=/etc/resolv.conf', ...bothFamilies], 1, 'no query of a Pod leaves this machine'],
])('%j cannot work with %d nodes, and with one of one family it can', (args, nodes, reason) => {
  expect(impossibleArguments(args, nodes)).toEqual([expect.stringContaining(reason)]);
  expect(impossibleArguments(args.slice(0, 1), 1)).toEqual([]);
});

test('an agent gets the arguments of every node, and none of the cluster or of the server alone', () => {
  const args = ['--kube-proxy-arg=proxy-mode=nftables', '--kubelet-arg=v=4', '--node-label=a=b', '--selinux', '--debug'];
  const ofServer = [
    '--service-cidr=10.44.0.0/27',
    '--disable=servicelb',
    '--node-name=server',
    '--tls-san=192.0.2.7',
    '--cluster-domain=a.test',
  ];
  expect(argumentsOfAgent([...ofServer, ...args])).toEqual(args);
});

test('a cluster has IPv6 where any range is of it', () => {
  expect(hasIPv6(['--service-cidr=10.44.0.0/27'])).toBe(false);
  expect(hasIPv6(['--cluster-cidr=10.42.0.0/16,2001:db8:42::/56'])).toBe(true);
});

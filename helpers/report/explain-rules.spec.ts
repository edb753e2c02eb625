import { expect, test } from '@jest/globals';
import { explainRule, explainRules, shareText } from './explain-rules.ts';

const context = { endpoints: { 'KUBE-SEP-B': '10.42.0.5:80' }, pods: { '10.42.0.5': 'web' } };
const masquerade =
  "are marked for masquerading: they leave with the node's address as their source, so that the answers return through the node.";

test.each([
  [
    '-A KUBE-SERVICES -d 10.43.1.2/32 -p tcp -m comment --comment "ns/web cluster IP" -m tcp --dport 8080 -j KUBE-SVC-A',
    "Packets to 10.43.1.2, TCP port 8080, continue in the Service's chain, with all its endpoints.",
  ],
  [
    '-A KUBE-SERVICES -d 172.17.0.2/32 -p tcp -m comment --comment "ns/web loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT-A',
    'Packets to 172.17.0.2, TCP port 80, continue in the chain for packets from outside the cluster.',
  ],
  [
    '-A KUBE-SERVICES -d 10.43.1.3/32 -p udp -m comment --comment "ns/web:dns has no endpoints" -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable',
    'Packets to 10.43.1.3, UDP port 53, are refused at once, since the Service has no endpoints.',
  ],
  [
    '-A KUBE-SERVICES -d 10.43.1.3/32 -p tcp -m comment --comment "ns/web has no local endpoints" -m tcp --dport 80 -j DROP',
    'Packets to 10.43.1.3, TCP port 80, are dropped without an answer, since the Service has no endpoints on this node.',
  ],
  [
    '-A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "ns/web has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable',
    'Packets to an address of the node, TCP port 30080, are refused at once, since the Service has no endpoints.',
  ],
  [
    '-A KUBE-SVC-A ! -s 10.42.0.0/16 -d 10.43.1.2/32 -p tcp -m comment --comment "ns/web cluster IP" -m tcp --dport 8080 -j KUBE-MARK-MASQ',
    `Packets to 10.43.1.2, TCP port 8080, from anywhere but 10.42.0.0/16 ${masquerade}`,
  ],
  ['-A KUBE-SVC-A -m comment --comment "ns/web -> 10.42.0.5:80" -j KUBE-SEP-B', 'Every connection goes to 10.42.0.5:80 (Pod web).'],
  [
    '-A KUBE-SVC-A -m comment --comment "ns/web -> 10.42.0.5:80" -m statistic --mode random --probability 0.25000000000 -j KUBE-SEP-B',
    'A random draw sends connections to 10.42.0.5:80 (Pod web): 1 in 4 (25.0 %) of all.',
  ],
  [
    '-A KUBE-SVC-A -m comment --comment "ns/web -> 10.42.0.5:80" -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-B --mask 255.255.255.255 --rsource -j KUBE-SEP-B',
    'A client that was sent to 10.42.0.5:80 (Pod web) within the last 10800 s goes there again (session affinity).',
  ],
  [
    '-A KUBE-SEP-B -s 10.42.0.5/32 -m comment --comment "ns/web" -j KUBE-MARK-MASQ',
    'Packets from the endpoint to itself are marked for masquerading too. Otherwise it would answer itself directly, past the Service.',
  ],
  [
    '-A KUBE-SEP-B -p tcp -m comment --comment "ns/web" -m tcp -j DNAT --to-destination 10.42.0.5:80',
    'The destination is rewritten to 10.42.0.5:80 (Pod web).',
  ],
  [
    '-A KUBE-SEP-B -p tcp -m comment --comment "ns/web" -m recent --set --name KUBE-SEP-B --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.42.0.5:80',
    'The destination is rewritten to 10.42.0.5:80 (Pod web), and the client is remembered for session affinity.',
  ],
  [
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "ns/web" -m tcp --dport 30080 -j KUBE-EXT-A',
    "Packets to a node's address, TCP port 30080, continue in the chain for packets from outside the cluster.",
  ],
  [
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    'Packets to an address of the node itself are looked up among the node ports.',
  ],
  [
    '-A KUBE-EXT-A -m comment --comment "masquerade traffic for ns/web external destinations" -j KUBE-MARK-MASQ',
    `Packets from outside the cluster ${masquerade}`,
  ],
  [
    '-A KUBE-EXT-A -m comment --comment "masquerade LOCAL traffic for ns/web external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
    `Packets from the node itself ${masquerade}`,
  ],
  [
    '-A KUBE-EXT-A -s 10.42.0.0/16 -m comment --comment "pod traffic for ns/web external destinations" -j KUBE-SVC-A',
    "Packets from 10.42.0.0/16 continue in the Service's chain, with all its endpoints.",
  ],
  ['-A KUBE-EXT-A -j KUBE-SVL-A', "Packets that reach this rule continue in the Service's chain with the endpoints of this node alone."],
  ['-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000', `Packets that reach this rule ${masquerade}`],
])('iptables: %s', (line, explanation) => {
  expect(explainRule(line, context)).toBe(explanation);
});

const endpoint = 'endpoint-ZXWCLGTV-ns/web/tcp/__10.42.0.5/80';
const endpoints = { endpoints: { [endpoint]: '10.42.0.5:80' }, pods: { '10.42.0.5': 'web' } };

test.each([
  ['10.43.1.2 . tcp . 8080 : goto service-5VFTB6FV-ns/web/tcp/', "Packets to 10.43.1.2, TCP port 8080, continue in the Service's chain."],
  [
    '10.43.1.3 . udp . 53 comment "ns/web:dns" : goto reject-chain',
    'Packets to 10.43.1.3, UDP port 53, are refused at once, since the Service has no endpoints.',
  ],
  [
    '10.43.1.3 . tcp . 80 comment "ns/web" : drop',
    'Packets to 10.43.1.3, TCP port 80, are dropped without an answer, since the Service has no endpoints on this node.',
  ],
  [
    'tcp . 30080 : goto external-5VFTB6FV-ns/web/tcp/',
    "Packets to a node's address, TCP port 30080, continue in the chain for packets from outside the cluster.",
  ],
  ['chain service-5VFTB6FV-ns/web/tcp/ {', "Start of the Service's chain."],
  ['chain reject-chain {', 'The chain that refuses packets.'],
  ['comment "helper for @no-endpoint-services / @no-endpoint-nodeports"', 'A comment of kube-proxy on this chain. It has no effect.'],
  ['reject', 'Packets that reach this rule are refused at once.'],
  ['chain cluster-ips-check {', 'The chain for packets to a ClusterIP that no Service has matched: to a port that it does not list.'],
  [
    'ip daddr @cluster-ips reject with icmp port-unreachable comment "Reject traffic to invalid ports of ClusterIPs"',
    'Packets to a ClusterIP that reach this rule are refused at once.',
  ],
  [
    'ip daddr { 10.43.0.0/16 } drop comment "Drop traffic to unallocated ClusterIPs"',
    'Packets to any other address of 10.43.0.0/16 are dropped without an answer.',
  ],
  [
    `ip saddr @affinity-ZXWCLGTV-ns/web/tcp/__10.42.0.5/80 goto ${endpoint}`,
    'A client that was recently sent to 10.42.0.5:80 (Pod web) goes there again (session affinity).',
  ],
  [
    `numgen random mod 2 vmap { 0 : goto ${endpoint}, 1 : goto endpoint-QK3TBLR2-ns/web/tcp/__10.42.0.6/80 }`,
    'For each new connection a number is drawn at random: 10.42.0.5:80 (Pod web) gets 1 in 2 (50.0 %), endpoint-QK3TBLR2-ns/web/tcp/__10.42.0.6/80 gets 1 in 2 (50.0 %).',
  ],
  [
    'meta l4proto tcp dnat ip to numgen random mod 3 map { 0 : 10.42.0.5 . 80, 1 : 10.42.0.6 . 80, 2 : 10.42.0.7 . 8080 }',
    'For each new connection a number is drawn at random and the destination is rewritten: 10.42.0.5:80 (Pod web) gets 1 in 3 (33.3 %), 10.42.0.6:80 gets 1 in 3 (33.3 %), 10.42.0.7:8080 gets 1 in 3 (33.3 %).',
  ],
  [
    'update @affinity-ZXWCLGTV-ns/web/tcp/__10.42.0.5/80 { ip saddr }',
    'The client is remembered for session affinity, and its time-out starts again.',
  ],
  ['meta l4proto udp dnat to 10.42.0.5:53', 'The destination is rewritten to 10.42.0.5:53 (Pod web).'],
  ['meta mark set meta mark | 0x00004000 comment "masquerade"', `Packets that reach this rule ${masquerade}`],
  [
    'ip saddr 10.42.0.0/16 goto service-5VFTB6FV-ns/web/tcp/ comment "short-circuit pod traffic"',
    "Packets from 10.42.0.0/16 continue in the Service's chain.",
  ],
  ['ip saddr != { 10.1.0.0/16, 10.2.0.0/16 } drop', 'Packets from anywhere but 10.1.0.0/16, 10.2.0.0/16 are dropped without an answer.'],
])('nftables: %s', (line, explanation) => {
  expect(explainRule(line, endpoints)).toBe(explanation);
});

test.each([
  ['an option that is unknown', '-A KUBE-SVC-A -m statistic --mode nth --every 2 -j KUBE-SEP-B'],
  ['a match that is unknown', '-A KUBE-SVC-A -m socket -j KUBE-SEP-B'],
  ['a condition that is new in this place', '-A KUBE-SVC-A -s 10.42.0.9/32 -m comment --comment "odd" -j KUBE-SEP-B'],
  ['a destination that is unknown', '-A KUBE-SVC-A -j SOMETHING-ELSE'],
  ['an nftables rule with one more condition', 'meta l4proto tcp ip saddr 10.42.0.9 dnat to 10.42.0.5:80'],
  ['a draw with an element that cannot be read', 'numgen random mod 2 vmap { 0 : goto a, 1 : drop }'],
  ['a chain of kube-proxy itself', 'chain service-endpoints-check {'],
  ['an empty line', ''],
])('%s gets no explanation', (_, line) => {
  expect(explainRule(line, context)).toBeUndefined();
});

test('iptables: shares are of all connections, and add up, in chains of any length', () => {
  const draw = (pod: string, probability?: string) =>
    `-A KUBE-SVC-A -m comment --comment "ns/web -> ${pod}"${probability === undefined ? '' : ` -m statistic --mode random --probability ${probability}`} -j KUBE-SEP-${pod}`;
  const rules = explainRules([draw('ONE', '0.25000000000'), draw('TWO', '0.33333333349'), draw('THREE', '0.50000000000'), draw('FOUR')]);
  expect(rules.map(({ explanation }) => explanation)).toEqual([
    'A random draw sends connections to KUBE-SEP-ONE: 1 in 4 (25.0 %) of all.',
    'A random draw sends connections to KUBE-SEP-TWO: 1 in 4 (25.0 %) of all, 1 in 3 (33.3 %) of the rest.',
    'A random draw sends connections to KUBE-SEP-THREE: 1 in 4 (25.0 %) of all, 1 in 2 (50.0 %) of the rest.',
    'All other connections go to KUBE-SEP-FOUR: 1 in 4 (25.0 %) of all.',
  ]);
});

test('iptables: rules are explained chain by chain, and a jump to an endpoint names its address and Pod', () => {
  const lines = [
    '-A KUBE-SERVICES -d 10.43.1.2/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-A',
    '-A KUBE-SVC-A -j KUBE-SEP-B',
    '-A KUBE-SERVICES -d 10.43.1.2/32 -p udp -m udp --dport 53 -j KUBE-SVC-A',
    '-A KUBE-SEP-B -p tcp -m tcp -j DNAT --to-destination 10.42.0.5:80',
  ];
  const rules = explainRules(lines, { '10.42.0.5': 'web' });
  expect(rules.map(({ line }) => lines.indexOf(line))).toEqual([0, 2, 1, 3]);
  expect(rules.map(({ chain }) => chain)).toEqual(['KUBE-SERVICES', 'KUBE-SERVICES', 'KUBE-SVC-A', 'KUBE-SEP-B']);
  expect(rules[2]?.explanation).toBe('Every connection goes to 10.42.0.5:80 (Pod web).');
});

test('nftables: an endpoint chain gives its address to the draw that leads to it', () => {
  const rules = explainRules([
    '10.43.1.2 . tcp . 80 : goto service-5VFTB6FV-ns/web/tcp/',
    'chain service-5VFTB6FV-ns/web/tcp/ {',
    `numgen random mod 1 vmap { 0 : goto ${endpoint} }`,
    `chain ${endpoint} {`,
    'meta l4proto tcp dnat to 10.42.0.5:80',
  ]);
  expect(rules[0]?.chain).toBeUndefined();
  expect(rules[2]).toEqual({
    chain: 'service-5VFTB6FV-ns/web/tcp/',
    line: `numgen random mod 1 vmap { 0 : goto ${endpoint} }`,
    explanation: 'For each new connection a number is drawn at random: 10.42.0.5:80 gets all.',
  });
});

test('a line without an explanation is kept as it is, in its place', () => {
  const rules = explainRules(['-A KUBE-SVC-A -j KUBE-SEP-B', '-A KUBE-SVC-A -j ODD']);
  expect(rules[1]).toEqual({ line: '-A KUBE-SVC-A -j ODD', chain: 'KUBE-SVC-A' });
});

test.each([
  [1, 'all'],
  [0.33333333349, '1 in 3 (33.3 %)'],
  [0.5, '1 in 2 (50.0 %)'],
  [0.9, '90.0 %'],
])('a share of %d is %s', (share, text) => {
  expect(shareText(share)).toBe(text);
});

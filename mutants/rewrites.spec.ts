import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { loadMutants } from './load.ts';
import { breakageOn } from './mutant.ts';

// What kube-proxy 1.36 writes, cut to the lines of two Services with three Pods, of which one has affinity, of one without Pods, and of one without Pods on this node.

const given = {
  default: `*filter
-A KUBE-SERVICES -m comment --comment "clusterip-x-empty/web has no endpoints" -m tcp -p tcp -d 10.43.0.7 --dport 8080 -j REJECT
-A KUBE-SERVICES -m comment --comment "clusterip-x-local/web has no local endpoints" -m tcp -p tcp -d 10.43.0.8 --dport 8080 -j DROP
COMMIT
*nat
-A KUBE-SERVICES -m comment --comment "clusterip-x-web/web cluster IP" -m tcp -p tcp -d 10.43.0.5 --dport 8080 -j KUBE-SVC-WEB
-A KUBE-SVC-WEB -m comment --comment "clusterip-x-web/web cluster IP" -m tcp -p tcp -d 10.43.0.5 --dport 8080 ! -s 10.42.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-SVC-WEB -m comment --comment "clusterip-x-web/web -> 10.42.0.5:80" -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-A
-A KUBE-SVC-WEB -m comment --comment "clusterip-x-web/web -> 10.42.0.6:80" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-B
-A KUBE-SVC-WEB -m comment --comment "clusterip-x-web/web -> 10.42.0.7:80" -j KUBE-SEP-C
-A KUBE-SVC-KEPT -m comment --comment "clusterip-x-web/kept -> 10.42.0.5:80" -m recent --name KUBE-SEP-D --rcheck --seconds 10 --reap --rsource -j KUBE-SEP-D
-A KUBE-SEP-A -m comment --comment clusterip-x-web/web -s 10.42.0.5 -j KUBE-MARK-MASQ
-A KUBE-SEP-A -m comment --comment clusterip-x-web/web -m tcp -p tcp -j DNAT --to-destination 10.42.0.5:80
-A KUBE-SEP-D -m comment --comment clusterip-x-web/kept -m recent --name KUBE-SEP-D --set --rsource -m tcp -p tcp -j DNAT --to-destination 10.42.0.5:80
COMMIT
`,
  nftables: `add table ip kube-proxy { comment "rules for kube-proxy" ; }
add chain ip kube-proxy services
add chain ip kube-proxy masquerading
add chain ip kube-proxy filter-forward { type filter hook forward priority 0 ; }
add chain ip kube-proxy service-endpoints-check
add rule ip kube-proxy filter-forward ct state new jump service-endpoints-check
add set ip kube-proxy hairpin-connections { type ipv4_addr . ipv4_addr . inet_proto . inet_service ; comment "service hairpin connections" ; }
add rule ip kube-proxy masquerading ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random
add map ip kube-proxy no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict ; comment "vmap to drop or reject packets to services with no endpoints" ; }
add chain ip kube-proxy reject-chain { comment "helper for @no-endpoint-services / @no-endpoint-nodeports" ; }
add rule ip kube-proxy reject-chain reject
add rule ip kube-proxy service-endpoints-check ip daddr . meta l4proto . th dport vmap @no-endpoint-services
add map ip kube-proxy service-ips { type ipv4_addr . inet_proto . inet_service : verdict ; comment "ClusterIP, ExternalIP and LoadBalancer IP traffic" ; }
add rule ip kube-proxy services ip daddr . meta l4proto . th dport vmap @service-ips
add chain ip kube-proxy service-AAAAAAAA-clusterip-x-web/web/tcp/
add rule ip kube-proxy service-AAAAAAAA-clusterip-x-web/web/tcp/ meta l4proto tcp dnat ip addr . port to numgen random mod 3 map { 0 : 10.42.0.5 . 80 , 1 : 10.42.0.6 . 80 , 2 : 10.42.0.7 . 80 }
add element ip kube-proxy service-ips { 10.43.0.5 . tcp . 8080 : goto service-AAAAAAAA-clusterip-x-web/web/tcp/ }
add element ip kube-proxy hairpin-connections { 10.42.0.5 . 10.42.0.5 . tcp . 80 }
add element ip kube-proxy no-endpoint-services { 10.43.0.7 . tcp . 8080 comment "clusterip-x-empty/web" : goto reject-chain }
add element ip kube-proxy no-endpoint-services { 10.43.0.8 . tcp . 8080 comment "clusterip-x-local/web" : drop }
add chain ip kube-proxy endpoint-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80
add chain ip kube-proxy service-BBBBBBBB-clusterip-x-web/kept/tcp/
add set ip kube-proxy affinity-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 { type ipv4_addr ; flags dynamic,timeout ; timeout 10s ; }
add rule ip kube-proxy service-BBBBBBBB-clusterip-x-web/kept/tcp/ ip saddr @affinity-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 goto endpoint-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80
add rule ip kube-proxy service-BBBBBBBB-clusterip-x-web/kept/tcp/ numgen random mod 1 vmap { 0 : goto endpoint-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 }
add rule ip kube-proxy endpoint-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 update @affinity-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 { ip saddr }
add rule ip kube-proxy endpoint-DDDDDDDD-clusterip-x-web/kept/tcp/__10.42.0.5/80 meta l4proto tcp dnat to 10.42.0.5:80
`,
};

const rewriting = Object.entries(await loadMutants()).flatMap(([name, mutant]) =>
  (['default', 'nftables'] as const).flatMap((profile) => {
    const breakage = breakageOn(profile, mutant);
    return 'apply' in breakage && /\brewrite /.test(breakage.apply) ? [[name, profile, breakage.apply] as const] : [];
  }),
);

/** Returns what the sed script of a mutant makes of a text. */
function rewritten(apply: string, text: string): { output: string; errors: string } {
  const { stdout, stderr } = spawnSync('sh', ['-c', `rewrite() { sed "$1"; }\n${apply}`], { encoding: 'utf8', input: text });
  return { output: stdout, errors: stderr };
}

test.each(rewriting)('%s changes what kube-proxy writes on a cluster of the profile %s', (_, profile, apply) => {
  const { output, errors } = rewritten(apply, given[profile]);
  expect(errors).toBe('');
  expect(output.length).toBeGreaterThan(given[profile].length / 2);
  expect(output).not.toBe(given[profile]);
});

test.each(rewriting)('%s leaves what kube-proxy writes in another mode than that of %s as it is', (_, profile, apply) => {
  const other = given[profile === 'default' ? 'nftables' : 'default'];
  expect(rewritten(apply, other)).toEqual({ output: other, errors: '' });
});

test('a second map leads to a Service by its address alone, and forgets it with the first one', () => {
  const [, , apply = ''] = rewriting.find(([name, profile]) => name === 'every-port' && profile === 'nftables') ?? [];
  const removed = 'delete element ip kube-proxy service-ips { 10.43.0.5 . tcp . 8080 }\n';
  expect(rewritten(apply, removed).output).toBe(`${removed}delete element ip kube-proxy any-port { 10.43.0.5 }\n`);
  const untouched = 'delete element ip kube-proxy service-ips { 10.43.0.5 . udp . 8080 }\n';
  expect(rewritten(apply, untouched).output).toBe(untouched);
});

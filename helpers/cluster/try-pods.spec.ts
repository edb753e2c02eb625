import { expect, test } from '@jest/globals';
import { domainIn } from './try-pods.ts';

test.each([
  ['a Pod', 'search web.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.43.0.10\noptions ndots:5\n', 'cluster.local'],
  [
    'a Pod of another domain',
    'nameserver 10.96.0.10\nsearch ns.svc.k8s.example.com svc.k8s.example.com k8s.example.com corp\n',
    'k8s.example.com',
  ],
  ['a node', 'search corp.example\nnameserver 192.0.2.53\n', undefined],
  ['a Pod without a search line', 'nameserver 10.43.0.10\n', undefined],
  ['a Pod that reports nothing', '', undefined],
])('the DNS domain is read from the resolv.conf of %s', (_, resolvConf, domain) => {
  expect(domainIn(resolvConf)).toBe(domain);
});

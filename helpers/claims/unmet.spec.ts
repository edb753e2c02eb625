import { expect, test } from '@jest/globals';
import type { Claim, Need } from './row.ts';
import { unmet } from './unmet.ts';

type Cluster = Parameters<typeof unmet>[1];

const k3s: Cluster = { standIn: false, version: 'v1.36.3+k3s1', proxyMode: 'iptables', k3sArgs: [], images: {}, adopted: false, gaps: {} };

function claim(needs: Need[], kubernetes?: string): Claim {
  return { section: 'S', says: 'It is so.', verdict: 'holds', facts: ['fact'], needs, ...(kubernetes === undefined ? {} : { kubernetes }) };
}

const all: Need[] = ['k3s', 'original images', 'default ranges', 'default proxy', 'known proxy', 'ServiceLB'];

test('a plain k3s meets every need', () => {
  expect(unmet(claim(all, '>=1.33'), k3s)).toBeUndefined();
});

test('a claim without needs can be observed anywhere', () => {
  const odd = {
    standIn: true,
    version: 'v1.20.0',
    proxyMode: 'unknown',
    k3sArgs: ['--disable=servicelb', '--service-cidr=10.1.0.0/16'],
    images: { a: 'b' },
    adopted: false,
    gaps: {},
  };
  expect(unmet(claim([]), odd)).toBeUndefined();
});

test.each<[Need, string, Partial<Cluster>, boolean]>([
  ['k3s', 'on the stand-in', { standIn: true }, true],
  ['original images', 'with a replaced image', { images: { 'nginx:1.29.4-alpine': 'mirror.example/nginx:1' } }, true],
  ['default ranges', 'with a chosen Service range', { k3sArgs: ['--service-cidr=10.1.0.0/16'] }, true],
  ['default ranges', 'with a chosen Pod range', { k3sArgs: ['--cluster-cidr=10.2.0.0/16'] }, true],
  ['default proxy', 'with a chosen proxy mode', { k3sArgs: ['--kube-proxy-arg=proxy-mode=iptables'] }, true],
  ['known proxy', 'in ipvs mode', { proxyMode: 'ipvs' }, false],
  ['known proxy', 'in an unknown mode', { proxyMode: 'unknown' }, false],
  ['ServiceLB', 'on the stand-in', { standIn: true }, true],
  ['ServiceLB', 'when it is disabled', { k3sArgs: ['--disable=traefik,servicelb'] }, true],
])('%s is not met %s', (need, _, difference, chosen) => {
  const gap = unmet(claim([need]), { ...k3s, ...difference });
  expect(gap).toEqual({ reason: expect.stringMatching(/\S/), chosen });
});

test('a proxy in nftables mode is known too, and the mode of another is named', () => {
  expect(unmet(claim(['known proxy']), { ...k3s, proxyMode: 'nftables' })).toBeUndefined();
  expect(unmet(claim(['known proxy']), { ...k3s, proxyMode: 'ipvs' })?.reason).toContain('ipvs');
});

test.each([
  ['v1.33.0+k3s1', true],
  ['v1.36.3', true],
  ['v1.32.13+k3s1', false],
])('a verdict for Kubernetes 1.33 and later, seen on %s: %s', (version, met) => {
  const gap = unmet(claim([], '>=1.33'), { ...k3s, version });
  expect(gap === undefined).toBe(met);
  if (!met) expect(gap).toEqual({ reason: `the ledger's verdict is for Kubernetes >=1.33, and this is ${version}`, chosen: true });
});

test('what a cluster was found not to have is a gap, with the reason that was found', () => {
  const adopted: Cluster = { ...k3s, adopted: true, gaps: { kubectl: 'there is no kubectl' } };
  expect(unmet(claim(['kubectl']), adopted)).toEqual({ reason: 'there is no kubectl', chosen: true });
  expect(unmet(claim(['host network']), adopted)).toBeUndefined();
});

test("on a cluster that was there already an unknown proxy is nobody's fault", () => {
  expect(unmet(claim(['known proxy']), { ...k3s, adopted: true, proxyMode: 'unknown' })).toMatchObject({ chosen: true });
});

test('the first need that is not met is the reason', () => {
  const gap = unmet(claim(['known proxy', 'k3s'], '>=1.33'), { ...k3s, standIn: true, proxyMode: 'ipvs', version: 'v1.30.0' });
  expect(gap?.reason).toContain('ipvs');
});

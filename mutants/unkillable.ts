import type { ClaimId } from '../helpers/ledger/claims.ts';

const k3sOnly = 'The claim needs k3s. Mutants run on the stand-in, which is not k3s, so the claim is unobserved there.';

const smallRangeOnly =
  'The claim needs a small Service range. Mutants run on a cluster with the default one, so the claim is unobserved there.';

/** Claims that no mutant can turn red, each with the reason. */
export const unkillable: Partial<Record<ClaimId, string>> = {
  'example-range': k3sOnly,
  'pod-range': k3sOnly,
  'curl-on-node': k3sOnly,
  'iptables-or-ipvs': k3sOnly,
  'default-range-size': k3sOnly,
  'load-balancer': 'The claim needs ServiceLB, which the stand-in does not have.',
  'welcome-page': 'The stand-in has another image instead of nginx, and the page of that image proves nothing.',
  'range-full': smallRangeOnly,
  bands: smallRangeOnly,
};

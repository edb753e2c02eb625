import type { ClaimId } from './mutant.ts';

const k3sOnly = 'It is about k3s; the stand-in, which alone can be broken, is not k3s and leaves it unobserved.';

/** Claims that no mutant can turn red, each with the reason. */
export const unkillable: Partial<Record<ClaimId, string>> = {
  'example-range': k3sOnly,
  'pod-range': k3sOnly,
  'curl-on-node': k3sOnly,
  'iptables-or-ipvs': k3sOnly,
  'default-range-size': k3sOnly,
  'load-balancer': 'It needs ServiceLB, which the stand-in does not have.',
  'welcome-page': 'The stand-in has another image in the place of nginx, whose words are no observation.',
};

import type { ClaimId } from '../helpers/ledger/claims.ts';

const apiRule = 'A rule of the API server. What it accepts, one thing away from what it refuses, is the control.';
const k3sOnly = 'The claim needs k3s. Mutants run on the stand-in, which is not k3s, so the claim is unobserved there.';

/** Claims that no mutant can turn red, each with the reason. */
export const unkillable: Partial<Record<ClaimId, string>> = {
  'service-names': apiRule,
  'ports-per-slice': apiRule,
  'ports-need-names': apiRule,
  'port-numbers': apiRule,
  protocols: apiRule,
  'target-port-names': apiRule,
  'node-port-needs-a-type': apiRule,
  'affinity-bounds': apiRule,
  'app-protocol-is-a-note': 'Nothing in the stand-in reads the field, and no way to make something read it is known.',
  'example-range': k3sOnly,
  'pod-range': k3sOnly,
  'curl-on-node': k3sOnly,
  'iptables-or-ipvs': k3sOnly,
  'default-range-size': k3sOnly,
  'load-balancer': 'The claim needs ServiceLB, which the stand-in does not have.',
  'welcome-page': 'The stand-in has another image instead of nginx, and the page of that image proves nothing.',
};

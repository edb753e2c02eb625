import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'ClientIP affinity lasts for a day, whatever the timeout of the Service.',
  how: 'The Service proxy ignores timeoutSeconds.',
  apply: `rewrite 's/--rcheck --seconds [0-9]*/--rcheck --seconds 86400/'`,
  mend: `unrewrite`,
  red: {
    'client-ip-affinity': { 'expires-when-idle': /always (one|two|three)/ },
    'affinity-renewed': { 'ends-when-idle': /^\["(a|b)","(a|b)",/ },
  },
  green: ['random-selection', 'pod-listens'],
  nftables: { apply: String.raw`rewrite '/^add set .* affinity-/s/timeout [0-9]*s ;/timeout 86400s ;/'` },
};

export default mutant;

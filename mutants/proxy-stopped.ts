import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy is stopped; the rules that it wrote stay, and new Services get none.',
  how: 'kube-proxy is out of memory or hangs.',
  apply: `stop kube-proxy`,
  mend: `startproxy`,
  red: {
    'no-route-to-host': /timed out/,
    'never-changes': /timed out/,
  },
  green: ['from-any-pod', 'endpoints-list-pod'],
};

export default mutant;

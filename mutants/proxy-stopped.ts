import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The Service proxy is stopped: its old rules stay, and new Services get none.',
  how: 'kube-proxy is out of memory or hangs.',
  apply: `stop kube-proxy`,
  mend: `startproxy`,
  red: {
    'no-route-to-host': { 'not-unreachable': 'timed out' },
    'never-changes': { 'kept-when-scaled': 'timed out', 'kept-when-edited': 'timed out' },
  },
  green: ['from-any-pod', 'endpoints-list-pod'],
};

export default mutant;

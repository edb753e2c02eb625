import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The API server lets every client do everything, also without a token.',
  how: 'An administrator bound cluster-admin to all users, to get rid of an error.',
  apply: `kubectl create clusterrolebinding mutant --clusterrole=cluster-admin --group=system:unauthenticated`,
  mend: `kubectl delete clusterrolebinding mutant`,
  red: { 'api-from-a-pod': { 'without-token': /"200"/ } },
  green: ['default-type'],
};

export default mutant;

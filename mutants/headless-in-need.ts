import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Some Services become headless when they are created.',
  how: 'A policy of the platform team saves addresses where few are left.',
  profile: 'small-range',
  apply: `policy services 'object.metadata.name in ["one-more", "trial"]' '[JSONPatch{op: "add", path: "/spec/clusterIP", value: "None"}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep "clusterIP: None"'`,
  mend: `unpolicy`,
  red: {
    'range-full': { 'deletion-helps': /"granted":"None"/ },
  },
  green: ['limited-by-range', 'virtual-address'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods are endpoints of their Services before they are Ready.',
  how: 'A policy that sets publishNotReadyAddresses on every Service.',
  apply: `policy services true '[JSONPatch{op: "add", path: "/spec/publishNotReadyAddresses", value: true}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep publishNotReady'`,
  mend: `unpolicy`,
  red: {
    'all-pods-with-label': /alone/,
    'none-means-mismatch': /a blank/,
  },
  green: ['selector-links', 'service-yaml'],
};

export default mutant;

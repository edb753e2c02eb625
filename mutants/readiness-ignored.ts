import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Pods are endpoints of their Services before they are Ready.',
  how: 'A policy sets publishNotReadyAddresses on every Service.',
  apply: `policy services true '[JSONPatch{op: "add", path: "/spec/publishNotReadyAddresses", value: true}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep publishNotReady'`,
  mend: `unpolicy`,
  red: {
    'all-pods-with-label': { 'only-ready-pods-answer': /"late"/, 'readiness-lost': /"late"/, 'other-namespace-never': /"late"/ },
    'none-means-mismatch': { 'not-ready-is-blank': /^"not-ready +10\.42\.[\d.]+:80 / },
  },
  green: ['selector-links', 'service-yaml'],
};

export default mutant;

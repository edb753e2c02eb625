import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service that asks to be headless gets a ClusterIP.',
  how: 'A policy forbids headless Services.',
  apply: `policy services 'has(object.spec.clusterIP) && object.spec.clusterIP == "None"' '[JSONPatch{op: "remove", path: "/spec/clusterIP"}]'
within 20 'kubectl create service clusterip trial --tcp=80 --clusterip=None --dry-run=server -o yaml | grep "clusterIP: 10"'`,
  mend: `unpolicy`,
  red: {
    'limited-by-range': { 'others-take-none': /^"10\.43\./ },
  },
  green: ['none-means-mismatch', 'service-file'],
};

export default mutant;

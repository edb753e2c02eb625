import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The selector of a Service cannot be removed.',
  how: 'A policy or an operator of the provider puts it back.',
  apply: String.raw`operations=UPDATE policy services 'has(oldObject.spec.selector) && !has(object.spec.selector)' '[JSONPatch{op: "add", path: "/spec/selector", value: oldObject.spec.selector}]'
kubectl -n default create service clusterip trial --tcp=80
within 20 'kubectl -n default patch service trial --type=merge -p "{\"spec\":{\"selector\":null}}" --dry-run=server -o "jsonpath={.spec.selector}" | grep app'
kubectl -n default delete service trial`,
  mend: `unpolicy`,
  red: {
    'selector-removed-freezes': { 'new-pod-never-answers': /^"new,old"$/, 'deleted-pod-stays-listed': 'answered' },
  },
  green: ['empty-selector', 'selector-links'],
};

export default mutant;

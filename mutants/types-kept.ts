import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Service stays of type ClusterIP when it is changed to NodePort.',
  how: 'A policy forbids new node ports, and corrects requests instead of rejecting them.',
  apply: `operations=UPDATE policy services 'object.spec.type == "NodePort" && oldObject.spec.type == "ClusterIP"' '[JSONPatch{op: "replace", path: "/spec/type", value: "ClusterIP"}, JSONPatch{op: "remove", path: "/spec/externalTrafficPolicy"}]'
within 20 'kubectl -n default patch service kubernetes -p "{\\"spec\\":{\\"type\\":\\"NodePort\\"}}" --dry-run=server -o yaml | grep "type: ClusterIP"'`,
  mend: `unpolicy`,
  red: {
    'kept-across-types': { 'same-address': /^\["ClusterIP / },
  },
  green: ['by-value', 'never-changes'],
};

export default mutant;

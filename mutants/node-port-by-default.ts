import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Every Service becomes a NodePort Service.',
  how: 'A policy or a template of the provider sets the type.',
  apply: `policy services 'object.spec.type == "ClusterIP" && (!has(object.spec.clusterIP) || object.spec.clusterIP != "None")' '[JSONPatch{op: "replace", path: "/spec/type", value: "NodePort"}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep "type: NodePort"'`,
  mend: `unpolicy`,
  red: {
    'default-type': { 'type-is-cluster-ip': /^"NodePort"$/ },
    'service-yaml': { 'type-and-port': /^"NodePort"$/ },
    'get-svc-shows-it': { shown: /\bNodePort\b/ },
  },
  green: ['node-port', 'not-from-outside', 'inside-only-type'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Ports that init containers declare have another name.',
  how: 'A policy that was written before there were restartable init containers.',
  apply: `policy pods 'has(object.spec.initContainers) && size(object.spec.initContainers) > 0 && has(object.spec.initContainers[0].ports)' '[JSONPatch{op: "add", path: "/spec/initContainers/0/ports/0/name", value: "mutant"}]'
within 20 'kubectl run trial --image=trial --overrides="{\\"spec\\":{\\"initContainers\\":[{\\"name\\":\\"init\\",\\"image\\":\\"trial\\",\\"ports\\":[{\\"containerPort\\":80}]}]}}" --dry-run=server -o yaml | grep "name: mutant"'`,
  mend: `unpolicy`,
  red: {
    'sidecar-named-port': { 'sidecar-answers': 'refused' },
  },
  green: ['named-target-port', 'ports-come-and-go'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A port of a Service keeps its name when that is changed.',
  how: 'A policy of the platform team, because monitoring finds ports by name.',
  apply: `operations=UPDATE policy services 'has(object.spec.ports) && has(oldObject.spec.ports) && size(object.spec.ports) == 1 && size(oldObject.spec.ports) == 1' '[JSONPatch{op: "add", path: "/spec/ports/0/name", value: oldObject.spec.ports[0].?name.orValue("")}]'
within 20 'kubectl -n default patch service kubernetes --type=json -p "[{\\"op\\":\\"replace\\",\\"path\\":\\"/spec/ports/0/name\\",\\"value\\":\\"trial\\"}]" --dry-run=server -o yaml | grep "name: https"'`,
  mend: `unpolicy`,
  red: {
    'port-rename-gap': { 'rename-refuses': 'answered', 'old-name-in-the-slice': 'answered' },
  },
  green: ['ports-come-and-go', 'decoupling'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Services get addresses in their order, from the lowest.',
  how: 'A controller of the platform assigns addresses.',
  profile: 'small-range',
  apply: `policy services 'request.namespace.endsWith("-bands") && object.metadata.name.startsWith("of-") || object.metadata.name == "trial"' '[JSONPatch{op: "add", path: "/spec/clusterIP", value: object.metadata.name == "trial" ? "10.44.0.9" : object.metadata.name.startsWith("of-32-") ? "198.19.0." + string(193 + int(object.metadata.name.substring(6))) : "198.19.0.225"}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep "clusterIP: 10.44.0.9"'`,
  mend: `unpolicy`,
  red: {
    bands: { 'upper-band-first': /^\[1,2,3,/, 'no-band-in-16': /^\[1,1,1,/ },
  },
  green: ['limited-by-range', 'virtual-address'],
};

export default mutant;

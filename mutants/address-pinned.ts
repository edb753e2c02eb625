import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Services get another ClusterIP than they ask for, and dry runs show a usual one.',
  how: 'A policy of the platform team assigns addresses.',
  apply: `policy services 'request.namespace.endsWith("-by-value") && object.metadata.name == "granted" || request.namespace.endsWith("-dry-run-knows-nothing") && object.metadata.name == "dry" || request.namespace.endsWith("-second-range") && object.metadata.name.startsWith("number-") || object.metadata.name == "trial"' '[JSONPatch{op: "add", path: "/spec/clusterIP", value: object.metadata.name.startsWith("number-") ? "10.43.200." + object.metadata.name.substring(7) : "10.43.77.77"}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep "clusterIP: 10.43.77.77"'`,
  mend: `unpolicy`,
  red: {
    'by-value': { granted: /^"10\.43\.77\.77"$/ },
    'second-range': { 'both-ranges-met': /"new":0|^\[0\]$/ },
    'dry-run-knows-nothing': { 'shows-the-network-address': /"shown":"10\.43\.77\.77"/ },
  },
  green: ['kept-across-types', 'default-type'],
};

export default mutant;

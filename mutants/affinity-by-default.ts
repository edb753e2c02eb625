import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'Every Service has ClientIP affinity.',
  how: 'A policy sets it for all, because one application needs it.',
  apply: `policy services 'object.spec.sessionAffinity == "None"' '[JSONPatch{op: "add", path: "/spec/sessionAffinity", value: "ClientIP"}, JSONPatch{op: "add", path: "/spec/sessionAffinityConfig", value: Object.spec.sessionAffinityConfig{clientIP: Object.spec.sessionAffinityConfig.clientIP{timeoutSeconds: 10800}}}]'
within 20 'kubectl create service clusterip trial --tcp=80 --dry-run=server -o yaml | grep "sessionAffinity: ClientIP"'`,
  mend: `unpolicy`,
  red: {
    'no-affinity': { 'default-is-none': /^"ClientIP"$/, 'answers-spread': /:40[,}]/ },
  },
  green: ['client-ip-affinity', 'stable-virtual-ip'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The API server rejects Services without a label for their owner.',
  how: 'A policy of the platform team.',
  apply: `kubectl apply -f - <<'EOF'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: mutant }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services] }] }
  validations: [{ expression: 'has(object.metadata.labels) && "owner" in object.metadata.labels', message: an owner is missing }]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: mutant }
spec: { policyName: mutant, validationActions: [Deny] }
EOF
within 20 'kubectl create service externalname trial --external-name=x.invalid --dry-run=server -o yaml 2>&1 | grep "an owner is missing" ||  kubectl create service clusterip trial --tcp=80 --dry-run=server 2>&1 | grep "owner is missing"'`,
  mend: `kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy mutant`,
  red: {
    'service-file': { 'works-once-saved': /owner is missing/ },
  },
  green: ['pod-yaml'],
};

export default mutant;

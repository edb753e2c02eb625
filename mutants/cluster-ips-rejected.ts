import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The API server rejects EndpointSlices with a ClusterIP as the address of an endpoint.',
  how: 'A policy of the platform team.',
  apply: `kubectl apply -f - <<'EOF'
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: { name: mutant }
spec:
  matchConstraints: { resourceRules: [{ apiGroups: [discovery.k8s.io], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [endpointslices] }] }
  validations:
  - expression: '!has(object.endpoints) || object.endpoints.all(endpoint, endpoint.addresses.all(address, !address.startsWith("10.43.")))'
    message: a ClusterIP is no endpoint
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: { name: mutant }
spec: { policyName: mutant, validationActions: [Deny] }
EOF
cat >/run/trial.yaml <<'YAML'
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: trial, namespace: default }
addressType: IPv4
endpoints: [{ addresses: [10.43.0.99] }]
ports: [{ name: "", port: 80, protocol: TCP }]
YAML
within 20 'kubectl create -f /run/trial.yaml --dry-run=server 2>&1 | grep "a ClusterIP is no endpoint"'`,
  mend: `kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy mutant`,
  red: {
    'cluster-ip-as-endpoint': { accepted: /a ClusterIP is no endpoint/ },
  },
  green: ['slices-by-hand', 'no-retry'],
};

export default mutant;

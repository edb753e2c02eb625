import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'A Pod of another namespace with the same label is an endpoint of the Service.',
  how: 'A controller writes its own EndpointSlices and selects Pods without regard to namespaces.',
  apply: `cat >/run/foreign.sh <<'SH'
while [ -e /run/foreign ]; do
  for elsewhere in $(kubectl get ns -o name | sed -n 's|^namespace/\\(clusterip-.*-elsewhere\\)$|\\1|p'); do
    address=$(kubectl -n $elsewhere get pod -l app=web -o 'jsonpath={.items[0].status.podIP}')
    [ -z "$address" ] || kubectl -n \${elsewhere%-elsewhere} apply -f - <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: web-foreign, labels: { kubernetes.io/service-name: web, endpointslice.kubernetes.io/managed-by: mutant } }
addressType: IPv4
endpoints: [{ addresses: [$address], conditions: { ready: true } }]
ports: [{ name: "", port: 80, protocol: TCP }]
YAML
  done
  sleep 0.5
done
SH
touch /run/foreign; setsid sh /run/foreign.sh >/dev/null 2>&1 </dev/null &`,
  mend: `rm -f /run/foreign`,
  red: {
    'all-pods-with-label': { 'other-namespace-never': /"elsewhere"/ },
  },
  green: ['selector-links', 'from-any-pod'],
};

export default mutant;

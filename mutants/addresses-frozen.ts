import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The IPAddress objects of Services stay when the Services are deleted.',
  how: 'A controller that records addresses has put a finalizer on them, and does not run any more.',
  apply: `policy ipaddresses 'object.spec.parentRef.?namespace.orValue("").endsWith("-address-objects")' '[JSONPatch{op: "add", path: "/metadata/finalizers", value: ["example.invalid/frozen"]}]'
within 20 'printf "{\\"apiVersion\\":\\"networking.k8s.io/v1\\",\\"kind\\":\\"IPAddress\\",\\"metadata\\":{\\"name\\":\\"10.43.0.250\\"},\\"spec\\":{\\"parentRef\\":{\\"resource\\":\\"services\\",\\"namespace\\":\\"trial-address-objects\\",\\"name\\":\\"trial\\"}}}" | kubectl create -f - --dry-run=server -o yaml | grep frozen'`,
  mend: `unpolicy
kubectl get ipaddresses -o name | xargs -n 1 kubectl patch --type=merge -p '{"metadata":{"finalizers":null}}'`,
  red: {
    'address-objects': { 'gone-with-the-service': /^"short"$/ },
  },
  green: ['by-value', 'limited-by-range'],
};

export default mutant;

import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = "The API server's own Service";
const suite = 'beyond/api-server';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const apiServer = {
  'api-from-a-pod': {
    origin: on('apiFromPod', 'Directly accessing the REST API', 'directly-accessing-the-rest-api'),
    ...{ topic, suite },
    says: 'A Pod reaches the API server as kubernetes.default.svc, and identifies itself by the token that it finds in its files.',
    verdict: 'holds',
    why: 'The API server writes the EndpointSlice of its own Service, which has no selector, and kube-proxy rewrites connections to it as for any other. The kubelet puts the token and the certificate authority into the files of the Pod.',
    checks: ['token-is-accepted', 'without-token', 'certificate-names', 'first-address', 'no-token-when-off'],
    needs: ['DNS', 'Service range'],
    sources: [
      `${source}/pkg/controlplane/controller/kubernetesservice/controller.go`,
      `${source}/plugin/pkg/admission/serviceaccount/admission.go`,
    ],
    e2e: [
      {
        test: 'API Server should provide secure master service',
        stricter: 'It reads the Service only. Here a Pod connects to it, with and without its token, and checks the certificate.',
      },
      {
        test: 'API Server should have Endpoints and EndpointSlices pointing to API Server',
        stricter: 'It reads the objects only. Here a Pod is answered through them.',
      },
    ],
  },
} as const satisfies Record<string, Claim>;

import type { Claim } from '../row.ts';
import { on, source } from './pages.ts';

const topic = 'Environment variables';
const suite = 'beyond/environment';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const environment = {
  'env-own-namespace': {
    origin: on('service', 'Environment variables', 'environment-variables'),
    ...{ topic, suite },
    says: 'A Pod has a set of environment variables for each active Service.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'Only for Services of its own namespace that have a ClusterIP, and for the Service of the API server. Headless Services and those of other namespaces have no variables, and enableServiceLinks false leaves only those of the API server.',
    why: 'When the kubelet starts a container, it takes the Services with a ClusterIP in the namespace of the Pod, and the Service "kubernetes". So a Service named redis sets REDIS_PORT to "tcp://…", which an application may take for a number.',
    checks: ['documented-variables', 'named-ports', 'headless', 'other-namespaces', 'links-off'],
    sources: [`${source}/pkg/kubelet/kubelet_pods.go`, `${source}/pkg/kubelet/envvars/envvars.go`],
    e2e: [
      {
        test: 'Pods should contain environment variables for services',
        stricter: 'It looks for the names of seven variables. Here their values are compared, and Services that have none are shown too.',
      },
    ],
  },
  'env-fixed-at-start': {
    origin: on('service', 'Environment variables', 'environment-variables'),
    ...{ topic, suite },
    says: 'A Service must exist before the client Pods do, or they do not have its variables.',
    verdict: 'corrected',
    hurts: 'judgement',
    truth:
      'The start of the container decides, not that of the Pod. After a restart of its container the same Pod has the variables, and has none of a Service that was deleted. A running process never sees a change.',
    why: 'The kubelet computes the variables each time it starts a container. A DNS name needs no restart, because CoreDNS is asked anew.',
    checks: ['too-late', 'restart-brings-them', 'running-keeps-them', 'restart-takes-them'],
    needs: ['DNS'],
    sources: [`${source}/pkg/kubelet/kubelet_pods.go`],
  },
  'env-kubernetes-shadowed': {
    origin: on('apiFromPod', 'Directly accessing the REST API', 'directly-accessing-the-rest-api'),
    ...{ topic, suite },
    says: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT_HTTPS lead to the API server.',
    silent: true,
    verdict: 'corrected',
    hurts: 'traffic',
    truth: 'In a namespace that has a Service called "kubernetes" they name that one, unless the Pod sets enableServiceLinks to false.',
    why: 'The kubelet collects the Services by name, and one of the own namespace replaces the one of the API server.',
    checks: ['names-the-own-one', 'elsewhere-the-api-server', 'links-off'],
    sources: [`${source}/pkg/kubelet/kubelet_pods.go`],
  },
} as const satisfies Record<string, Claim>;

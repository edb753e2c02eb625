import type { CoreV1Event, V1Pod, V1Service } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import type { Kube } from '../kube/api.ts';
import { serviceLB } from './collect.ts';

const service = (name: string, type: string): V1Service => ({ metadata: { name, namespace: 'claim-1' }, spec: { type } });

const crashing = {
  metadata: { name: 'svclb-web-1', namespace: 'kube-system' },
  status: {
    phase: 'Running',
    podIP: '10.42.0.9',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ restartCount: 4, lastState: { terminated: { exitCode: 1 } } }],
  },
} as unknown as V1Pod;

/** A client of a cluster in which these Pods serve the Service `web` of the namespace claim-1, with their events. */
function clusterWith(pods: V1Pod[], events: Partial<CoreV1Event>[]) {
  const asked: unknown[] = [];
  const list = (items: unknown[]) => (query: unknown) => {
    asked.push(query);
    return Promise.resolve({ items });
  };
  return { kube: { core: { listPodForAllNamespaces: list(pods), listNamespacedEvent: list(events) } } as unknown as Kube, asked };
}

test('the Pods of ServiceLB are listed with their restarts and warnings, and found by the labels of the Service', async () => {
  const involvedObject = { kind: 'Pod', name: 'svclb-web-1' };
  const { kube, asked } = clusterWith(
    [crashing],
    [
      { type: 'Normal', reason: 'Pulled', message: 'Container image is present', involvedObject },
      { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container', involvedObject },
    ],
  );
  expect(await serviceLB(kube, [service('web', 'LoadBalancer')])).toEqual([
    'Pod of ServiceLB for web: kube-system/svclb-web-1: 10.42.0.9 · Running · not Ready · restarted 4 times, last exit code 1',
    'Event of Pod svclb-web-1: BackOff Back-off restarting failed container',
  ]);
  expect(asked).toEqual([
    { labelSelector: 'svccontroller.k3s.cattle.io/svcname=web,svccontroller.k3s.cattle.io/svcnamespace=claim-1' },
    { namespace: 'kube-system', fieldSelector: 'involvedObject.name=svclb-web-1' },
  ]);
});

test('a LoadBalancer Service without such Pods is named; other Services have none', async () => {
  const { kube, asked } = clusterWith([], []);
  expect(await serviceLB(kube, [service('web', 'LoadBalancer'), service('other', 'ClusterIP')])).toEqual([
    'Pod of ServiceLB for web: none exists',
  ]);
  expect(asked).toHaveLength(1);
});

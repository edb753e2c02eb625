import { expect, test } from '@jest/globals';
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { type Hindrance, hindranceOf, patience } from './pod-state.ts';

const container = (name: string, ready: boolean, state: object = { running: {} }) =>
  ({ name, ready, state, image: '', imageID: '', restartCount: 0 }) as V1ContainerStatus;
const pod = (status: object): V1Pod => ({ metadata: { name: 'web' }, status: status });
const notReady = { conditions: [{ type: 'Ready', status: 'False', message: 'the readiness gate "lb" is not True' }] };

const refusedImage = container('agnhost', false, { waiting: { reason: 'ErrImagePull', message: 'no such image' } });
const own = container('agnhost', true);

test.each<[string, object, Hindrance['kind'], string]>([
  [
    'no node takes it',
    { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }] },
    'known cause',
    '0/1 nodes are available',
  ],
  ['its image is refused', { containerStatuses: [refusedImage] }, 'image', 'container agnhost: ErrImagePull: no such image'],
  [
    'its image has no valid name',
    { containerStatuses: [container('agnhost', false, { waiting: { reason: 'InvalidImageName' } })] },
    'final',
    'InvalidImageName',
  ],
  [
    'it may not run as root',
    { containerStatuses: [container('agnhost', false, { waiting: { reason: 'CreateContainerConfigError', message: 'runs as root' } })] },
    'known cause',
    'container agnhost: CreateContainerConfigError: runs as root',
  ],
  [
    'its image is being pulled',
    { containerStatuses: [container('agnhost', false, { waiting: { reason: 'ContainerCreating' } })] },
    'in progress',
    'ContainerCreating',
  ],
  [
    'its process ended',
    { containerStatuses: [container('agnhost', false, { terminated: { reason: 'Error', exitCode: 3 } })] },
    'known cause',
    'Error: exit code 3',
  ],
  ['its own probe fails', { containerStatuses: [container('agnhost', false)] }, 'in progress', 'container agnhost: not ready'],
  [
    'only a sidecar is not ready',
    { containerStatuses: [own, container('proxy', false)] },
    'known cause',
    'container proxy, which the cluster has added: not ready',
  ],
  [
    'the image of a sidecar is being pulled',
    { containerStatuses: [own, container('proxy', false, { waiting: { reason: 'ContainerCreating' } })] },
    'in progress',
    'container proxy, which the cluster has added: ContainerCreating',
  ],
  [
    'a native sidecar cannot be pulled while the others wait for it',
    {
      initContainerStatuses: [container('proxy', false, { waiting: { reason: 'ImagePullBackOff', message: 'back-off' } })],
      containerStatuses: [container('agnhost', false, { waiting: { reason: 'PodInitializing' } })],
    },
    'image',
    'container proxy: ImagePullBackOff: back-off',
  ],
  [
    'the kubelet refused it',
    { phase: 'Failed', reason: 'SysctlForbidden', message: 'forbidden sysctl' },
    'final',
    'SysctlForbidden: forbidden sysctl',
  ],
  ['a readiness gate is not met', { ...notReady, containerStatuses: [own] }, 'in progress', 'the readiness gate "lb" is not True'],
  ['the kubelet has not reported it yet', {}, 'in progress', 'not Ready'],
])('a Pod is not Ready because %s', (_, status, kind, why) => {
  const hindrance = hindranceOf(pod(status), ['agnhost']);
  expect(hindrance).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test('a Ready Pod has no hindrance, whatever else it says', () => {
  expect(hindranceOf(pod({ conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [refusedImage] }))).toBeUndefined();
});

const patienceWith = (...kinds: readonly (readonly [number, Hindrance['kind'], string?])[]) => {
  const pointless = patience(20_000);
  return kinds.map(([at, kind, reason]) => pointless({ why: '', kind, reason }, at));
};

test.each([
  ['a final state, at once', patienceWith([0, 'final']), [true]],
  [
    'an image that is refused again',
    patienceWith(
      [0, 'image', 'ErrImagePull'],
      [2, 'image', 'ErrImagePull'],
      [3, 'image', 'ImagePullBackOff'],
      [9, 'image', 'ErrImagePull'],
    ),
    [false, false, false, true],
  ],
  ['an image that stays refused', patienceWith([0, 'image', 'ImagePullBackOff'], [30_000, 'image', 'ImagePullBackOff']), [false, true]],
  ['a known cause that lasts', patienceWith([0, 'known cause'], [19_000, 'known cause'], [20_001, 'known cause']), [false, false, true]],
  [
    'no cause that passed in between',
    patienceWith([0, 'known cause'], [9_000, 'in progress'], [21_000, 'known cause'], [30_000, 'known cause']),
    [false, false, false, false],
  ],
  ['no pulling, however long', patienceWith([0, 'in progress'], [80_000, 'in progress']), [false, false]],
])('waiting is pointless for %s', (_, pointless, expected) => {
  expect(pointless).toEqual(expected);
});

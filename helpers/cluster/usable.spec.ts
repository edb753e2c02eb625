import type { CoreV1Event, V1Node, V1Pod } from '@kubernetes/client-node';
import { expect, test } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';
import { UsageError } from '../base/usage-error.ts';
import type { Kube } from '../kube/api.ts';
import { awaitedIn, failedPull, refuseHopeless, type Seen, usable } from './usable.ts';

const node = (ready: string, name = 'one', more: object[] = []) =>
  ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: ready, message: `it is ${ready}` }, ...more] },
  }) as unknown as V1Node;

/** The Pod of CoreDNS with the state of its container; `conditions` by type. */
const pod = (state?: object, conditions: Record<string, string> = {}) =>
  ({
    metadata: { name: 'coredns-1' },
    status: {
      phase: 'Pending',
      conditions: Object.entries(conditions).map(([type, status]) => ({ type, status, message: 'no node fits' })),
      ...(state === undefined ? {} : { containerStatuses: [{ state }] }),
    },
  }) as unknown as V1Pod;

/** Events of the Pod, one second apart. */
const events = (...given: [reason: string, message?: string, count?: number][]) =>
  given.map(([reason, message = '', count = 1], index) => ({
    ...{ involvedObject: { name: 'coredns-1' }, reason, message, count },
    lastTimestamp: new Date(Date.UTC(2026, 10, 26, 2, 0, index)),
  })) as unknown as CoreV1Event[];

const seen = (given: Partial<Seen>): Seen => ({ nodes: [node('True')], slices: [], pods: [], events: [], ...given });
const creating = { waiting: { reason: 'ContainerCreating' } };
const pause =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to start sandbox "4f": failed to get sandbox image "rancher/mirrored-pause:3.10": ' +
  'failed to pull image "rancher/mirrored-pause:3.10": failed to resolve reference: failed to do request: Head "https://registry-1.docker.io/v2/": ' +
  'dial tcp: lookup registry-1.docker.io: no such host';
const coredns =
  'Failed to pull image "rancher/mirrored-coredns-coredns:1.14.7": failed to pull and unpack image: failed to resolve reference: 429 Too Many Requests';
const subnet = 'Failed to create pod sandbox: plugin type="flannel" failed (add): open /run/flannel/subnet.env: no such file or directory';

test.each<[string, Partial<Seen>, string | undefined]>([
  ['no node', { nodes: [] }, 'the node to be Ready: it is not registered yet'],
  ['a node that is not Ready', { nodes: [node('False')] }, 'the node to be Ready: it is False'],
  ['the second of two nodes', { nodes: [node('True'), node('Unknown', 'two')] }, 'node two to be Ready: it is Unknown'],
  ['no Pod of DNS', {}, 'CoreDNS to be ready: its Pod does not exist yet'],
  [
    'a Pod without a node',
    { pods: [pod(undefined, { PodScheduled: 'False' })] },
    'CoreDNS to be ready: its Pod is not scheduled (no node fits)',
  ],
  ['a new Pod', { pods: [pod(creating)] }, 'CoreDNS to be ready: its Pod is being created'],
  [
    'a Pod before flannel is ready',
    { pods: [pod(creating)], events: events(['Scheduled'], ['FailedCreatePodSandBox', subnet]) },
    'CoreDNS to be ready: its Pod has no sandbox, and the kubelet tries again ' +
      '(plugin type="flannel" failed (add): open /run/flannel/subnet.env: no such file or directory)',
  ],
  ['an image', { pods: [pod(creating)], events: events(['Scheduled'], ['Pulling']) }, 'CoreDNS to be ready: its image is being pulled'],
  [
    'an image that failed',
    { pods: [pod({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image: 429 Too Many Requests' } })] },
    'CoreDNS to be ready: ImagePullBackOff (Back-off pulling image: 429 Too Many Requests)',
  ],
  ['a container that runs', { pods: [pod({ running: {} })] }, 'CoreDNS to be ready: its container runs and is not ready yet'],
  [
    'a container that ended',
    { pods: [pod({ terminated: { reason: 'Error', exitCode: 1 } })] },
    'CoreDNS to be ready: its container ended (Error, exit code 1)',
  ],
  ['an endpoint', { pods: [pod({ running: {} }, { Ready: 'True' })] }, 'CoreDNS to be ready: its Service has no endpoint yet'],
  [
    'an endpoint that is not ready',
    { slices: [{ endpoints: [{ conditions: { ready: false } }] }] as unknown as Seen['slices'] },
    'CoreDNS to be ready: its Pod does not exist yet',
  ],
  ['nothing', { slices: [{ endpoints: [{ conditions: { ready: true } }] }] as unknown as Seen['slices'] }, undefined],
])('what is awaited: %s', (_, given, awaited) => {
  expect(awaitedIn(seen(given))).toBe(awaited);
});

test.each<[string, V1Pod, CoreV1Event[], ReturnType<typeof failedPull>]>([
  [
    'the pause image, whose events differ by the sandbox',
    pod(creating),
    events(['FailedCreatePodSandBox', pause], ['FailedCreatePodSandBox', pause.replace('4f', '5a')]),
    { image: 'rancher/mirrored-pause:3.10', times: 2, cause: 'dial tcp: lookup registry-1.docker.io: no such host', again: false },
  ],
  [
    'the image of CoreDNS, whose event counts',
    pod({ waiting: { reason: 'ErrImagePull' } }),
    events(['Pulling', 'Pulling image', 3], ['Failed', coredns, 3], ['Failed', 'Error: ErrImagePull', 3], ['BackOff']),
    {
      image: 'rancher/mirrored-coredns-coredns:1.14.7',
      times: 3,
      cause: 'failed to pull and unpack image: failed to resolve reference: 429 Too Many Requests',
      again: false,
    },
  ],
  [
    'an image that is being pulled again',
    pod({ waiting: { reason: 'ErrImagePull' } }),
    events(['Failed', coredns], ['Pulling', 'Pulling image', 2]),
    expect.objectContaining({ times: 1, again: true }) as never,
  ],
  ['a sandbox that fails for another reason', pod(creating), events(['FailedCreatePodSandBox', subnet, 4]), undefined],
  ['a Pod that got past it', pod({ running: {} }), events(['Failed', coredns, 3]), undefined],
  [
    'an event that has an eventTime, as text, and a series',
    pod(creating),
    [
      {
        ...{ involvedObject: { name: 'coredns-1' }, reason: 'FailedCreatePodSandBox', message: pause },
        ...{ eventTime: '2026-11-26T02:00:00.000000Z', series: { count: 2 } },
      },
      ...events(['Scheduled']),
    ] as unknown as CoreV1Event[],
    expect.objectContaining({ times: 2 }) as never,
  ],
  ['another Pod', { metadata: { name: 'coredns-2' } }, events(['Failed', coredns, 3]), undefined],
])('failed images: %s', (_, dns, given, failed) => {
  expect(failedPull({ pods: [dns], events: given })).toEqual(failed);
});

const waiting = { k3sArgs: [], sameFor: 0, failingFor: 0 };
const failing = (...given: Parameters<typeof events>) => seen({ pods: [pod(creating)], events: events(...given) });

test('an image that failed twice is refused, with the image, the cause and what to do', () => {
  const refusing = () => {
    refuseHopeless(failing(['FailedCreatePodSandBox', pause, 2]), waiting);
  };
  expect(refusing).toThrow(UsageError);
  expect(refusing).toThrow(
    /rancher\/mirrored-pause:3.10, .*: dial tcp: lookup registry-1.docker.io: no such host\. .*CONFORMANCE_REGISTRIES/,
  );
});

test('an image that failed once is refused after a while, unless it is being pulled again', () => {
  const after = (failingFor: number, ...given: Parameters<typeof events>) => {
    return () => {
      refuseHopeless(failing(...given), { ...waiting, failingFor });
    };
  };
  expect(after(timeouts.firstFailure - 1, ['Failed', coredns])).not.toThrow();
  expect(after(timeouts.firstFailure, ['Failed', coredns])).toThrow('rancher/mirrored-coredns-coredns:1.14.7');
  expect(after(timeouts.firstFailure, ['Failed', coredns], ['Pulling'])).not.toThrow();
  expect(after(timeouts.firstFailure)).not.toThrow();
});

test('DNS without a Service proxy is refused after a while, where the arguments leave it out', () => {
  const running = seen({ pods: [pod({ running: {} })] });
  const refusing = (k3sArgs: string[], sameFor: number) => () => {
    refuseHopeless(running, { ...waiting, k3sArgs, sameFor });
  };
  expect(refusing(['--disable-kube-proxy'], timeouts.firstFailure)).toThrow(/--disable-kube-proxy .*without a Service proxy/);
  expect(refusing(['--disable-kube-proxy'], timeouts.firstFailure - 1)).not.toThrow();
  expect(refusing([], timeouts.firstFailure)).not.toThrow();
});

test('DNS that no node takes is refused after a while, with the message of the scheduler, once all nodes are Ready', () => {
  const refusing = (given: Partial<Seen>, sameFor: number) => () => {
    refuseHopeless(seen({ pods: [pod(undefined, { PodScheduled: 'False' })], ...given }), { ...waiting, sameFor });
  };
  expect(refusing({}, timeouts.firstFailure)).toThrow(UsageError);
  expect(refusing({}, timeouts.firstFailure)).toThrow(
    "No node takes the Pod of CoreDNS, and it would take none of the suite's: no node fits.",
  );
  expect(refusing({}, timeouts.firstFailure - 1)).not.toThrow();
  expect(refusing({ nodes: [node('True'), node('False', 'two')] }, timeouts.firstFailure)).not.toThrow();
  expect(refusing({ pods: [pod(creating, { PodScheduled: 'True' })] }, timeouts.firstFailure)).not.toThrow();
  expect(refusing({ pods: [] }, timeouts.firstFailure)).not.toThrow();
});

test('a node under pressure is refused at once, with the message of the kubelet', () => {
  const pressed = seen({ nodes: [node('True', 'one', [{ type: 'DiskPressure', status: 'True', message: 'kubelet has disk pressure' }])] });
  expect(() => {
    refuseHopeless(pressed, waiting);
  }).toThrow('DiskPressure (kubelet has disk pressure)');
  expect(() => {
    refuseHopeless(seen({}), waiting);
  }).not.toThrow();
});

/** A client of a cluster that has one state after the other, and then the last one for ever. An error stands for an API server that does not answer. */
function clusterOf(...states: (Seen | Error)[]): Kube {
  let observations = 0;
  const of = (key: keyof Seen) => () => {
    const state = states[Math.min(key === 'nodes' ? observations++ : observations - 1, states.length - 1)];
    return state instanceof Error || state === undefined
      ? Promise.reject(state ?? new Error('no state'))
      : Promise.resolve({ items: state[key] });
  };
  return {
    core: {
      listNode: of('nodes'),
      listNamespacedPod: of('pods'),
      listNamespacedEvent: of('events'),
      readNamespacedServiceAccount: () => Promise.resolve({}),
    },
    discovery: { listNamespacedEndpointSlice: of('slices') },
  } as unknown as Kube;
}

test('what is awaited is printed whenever it changes', async () => {
  const lines: string[] = [];
  const ready = seen({ slices: [{ endpoints: [{ conditions: { ready: true } }] }] as unknown as Seen['slices'] });
  const states = [new Error('connect ECONNREFUSED'), seen({ nodes: [] }), seen({ nodes: [] }), failing(['Pulling']), ready];
  await usable(clusterOf(...states), { k3sArgs: [], dns: true, say: (line) => lines.push(line) });
  expect(lines).toEqual([
    'waiting for an answer of the API server: connect ECONNREFUSED',
    'waiting for the node to be Ready: it is not registered yet',
    'waiting for CoreDNS to be ready: its image is being pulled',
  ]);
});

test('what is hopeless ends the wait', async () => {
  const waitingForIt = usable(clusterOf(seen({}), failing(['FailedCreatePodSandBox', pause, 2])), {
    k3sArgs: [],
    dns: true,
    say: () => undefined,
  });
  await expect(waitingForIt).rejects.toBeInstanceOf(UsageError);
});

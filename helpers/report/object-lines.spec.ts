import { expect, test } from '@jest/globals';
import { objectLines, podsByAddress } from './object-lines.ts';

test.each([
  [
    'services',
    {
      metadata: { name: 'web' },
      spec: {
        type: 'NodePort',
        clusterIP: '10.43.1.2',
        ports: [{ port: 8080, targetPort: 'http', nodePort: 30080, protocol: 'TCP' }],
        selector: { app: 'web', tier: 'front' },
        sessionAffinity: 'ClientIP',
      },
    },
    'web: NodePort 10.43.1.2 · 8080 → http/TCP, node port 30080 · selector app=web, tier=front · session affinity ClientIP',
  ],
  [
    'services',
    { metadata: { name: 'alias' }, spec: { type: 'ExternalName', externalName: 'example.test', sessionAffinity: 'None' } },
    'alias: ExternalName example.test · no selector',
  ],
  [
    'endpointSlices',
    {
      metadata: { name: 'web-x' },
      ports: [{ port: 80, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['10.42.0.4'], conditions: { ready: true }, targetRef: { name: 'one' } },
        { addresses: ['10.42.0.5'], conditions: { ready: false } },
      ],
    },
    'web-x: 10.42.0.4 (Pod one) ready, 10.42.0.5 not ready · port 80/TCP',
  ],
  ['endpointSlices', { metadata: { name: 'web-x' }, ports: null, endpoints: null }, 'web-x: no endpoints'],
  [
    'pods',
    {
      metadata: { name: 'one', labels: { app: 'web' } },
      status: { phase: 'Running', podIP: '10.42.0.4', conditions: [{ type: 'Ready', status: 'False' }] },
    },
    'one: 10.42.0.4 · Running · not Ready · labels app=web',
  ],
])('an object of %s has a line', (kind, object, line) => {
  expect(objectLines(kind, [object])).toEqual([line]);
});

test('an object that lacks what its line needs, or is of an unknown kind, has none', () => {
  expect(objectLines('services', [null, 'web', {}, { metadata: { name: 'web' } }])).toEqual([]);
  expect(objectLines('routes', [{ metadata: { name: 'web' }, spec: {} }])).toEqual([]);
});

test('Pods are named by their address, those without one are not', () => {
  expect(podsByAddress([{ metadata: { name: 'one' }, status: { podIP: '10.42.0.4' } }, { metadata: { name: 'two' } }, null])).toEqual({
    '10.42.0.4': 'one',
  });
});

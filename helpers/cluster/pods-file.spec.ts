import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { UsageError } from '../base/usage-error.ts';
import { noDemands } from '../kube/pods.ts';
import { parseDemands, readDemands } from './pods-file.ts';

const example = join(root, 'manifests/pods.example.yaml');

test('the example demands nothing as it is, and uses every setting once it is uncommented', () => {
  expect(readDemands(example)).toEqual(noDemands);
  const settings = readFileSync(example, 'utf8')
    .split('\n')
    // A comment that is a setting begins with a key, an item of a list, or a deeper level of either.
    .filter((line) => /^# (?: *[\w./-]+:(?: |$)(?!.*\.$)|- )/.test(line))
    .map((line) => line.replace('# ', ''))
    .join('\n');
  expect(parseDemands(settings, 'example')).toEqual({
    pod: { labels: { team: 'platform', 'sidecar.istio.io/inject': null }, annotations: { 'example.com/owner': 'platform' } },
    namespace: { labels: { 'cost-centre': '42' }, annotations: { 'example.com/contact': 'platform@example.com' } },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    spec: {
      nodeSelector: { pool: 'tests' },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'tests', effect: 'NoSchedule' }],
      priorityClassName: 'low',
      runtimeClassName: 'gvisor',
      imagePullSecrets: [{ name: 'registry' }],
    },
    assignsUser: false,
  });
});

test.each([
  ['an unknown setting', 'label: { team: a }', ['label: no such setting']],
  ['an unknown setting of a toleration', 'tolerations: [{ name: a }]', ['tolerations[0].name: no such setting']],
  ['a label that YAML takes for a truth value', 'labels: { team: true }', ['labels.team is text in quotes, or null']],
  [
    'an effect that does not exist',
    'tolerations: [{ effect: NoRun }]',
    ['tolerations[0].effect is NoSchedule, PreferNoSchedule or NoExecute'],
  ],
  ['an invalid amount', 'resources: { requests: { cpu: much } }', ['resources.requests.cpu is an amount such as 50m']],
  ['the label by which Services select', 'labels: { app: web }', ['labels may not have app']],
  ['a name instead of a list', 'imagePullSecrets: registry', ['imagePullSecrets is a list of Secrets']],
  ['two mistakes', 'labels: 1\npriorityClassName: 2', ['labels is a list of NAME: "value"', 'priorityClassName is text: put it in quotes']],
  ['a file that is no list of settings', '- a', ['it is not a list of settings']],
])('a line names the mistake: %s', (_, text, lines) => {
  const reading = () => parseDemands(text, 'pods.yaml');
  expect(reading).toThrow(UsageError);
  expect(reading).toThrow('CONFORMANCE_PODS=pods.yaml has mistakes');
  for (const line of lines) expect(reading).toThrow(line);
});

test('amounts may be numbers', () => {
  expect(parseDemands('resources: { limits: { cpu: 2 } }', 'pods.yaml').resources).toEqual({ limits: { cpu: '2' } });
});

test('a file that is no YAML, or cannot be read, is one line', () => {
  expect(() => parseDemands('labels: {', 'pods.yaml')).toThrow(/^CONFORMANCE_PODS=pods.yaml is not YAML: .* at line 1/);
  expect(() => readDemands('/no/such.yaml')).toThrow('CONFORMANCE_PODS=/no/such.yaml cannot be read: ENOENT');
});

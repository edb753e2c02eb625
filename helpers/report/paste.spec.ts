import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { ledger } from '../ledger/claims.ts';
import type { PassageReport } from './format.ts';
import { pasteInstead } from './paste.ts';

const passages: PassageReport[] = [
  { kind: 'shell', text: 'curl http://web:8080', where: 'Pod' },
  { kind: 'yaml', text: 'kind: Pod\nmetadata:\n  name: $web', file: 'web.yaml' },
  { kind: 'yaml', text: 'kind: Service', file: 'service.yaml' },
  { kind: 'output', text: 'Welcome' },
  { kind: 'shell', text: 'kubectl get pods\nkubectl get services', where: 'terminal' },
  { kind: 'shell', text: 'curl http://web:8080', where: 'Pod' },
  { kind: 'shell', text: 'curl http://web.default:8080', where: 'Pod elsewhere' },
  { kind: 'shell', text: 'wget 10.43.1.2', where: 'node' },
];

test('files come first, then commands by the place where they are typed, each once', () => {
  expect(pasteInstead(passages).split('\n')).toEqual([
    '# The files. The commands below expect them in the namespace default.',
    "cat > web.yaml <<'END'",
    ...['kind: Pod', 'metadata:', '  name: $web', 'END'],
    'kubectl apply -f web.yaml',
    'kubectl wait --for=condition=Ready --timeout=2m -f web.yaml',
    "cat > service.yaml <<'END'",
    ...['kind: Service', 'END'],
    'kubectl apply -f service.yaml',
    '# What the Service found.',
    'kubectl get pods',
    'kubectl get services',
    "# In a Pod of the Service's namespace.",
    "kubectl run debug --image=curlimages/curl --restart=Never -i --rm -q -- sh <<'END'",
    ...['curl http://web:8080', 'END'],
    '# In a Pod of another namespace.',
    'kubectl create namespace elsewhere',
    "kubectl -n elsewhere run debug --image=curlimages/curl --restart=Never -i --rm -q -- sh <<'END'",
    ...['curl http://web.default:8080', 'END'],
    'kubectl delete namespace elsewhere',
    '# On a node only: remove the # there. On any other machine nothing answers.',
    '# wget 10.43.1.2',
  ]);
});

test('there is nothing to paste where nothing is wrong', () => {
  expect(pasteInstead([])).toBe('');
});

test('a shell understands the whole of it', () => {
  const script = pasteInstead(Object.values(ledger).flatMap(({ instead }) => (instead === undefined ? [] : [instead])));
  // -n reads the commands and runs none.
  expect(execFileSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toBe('');
  expect(script).toContain('metadata:\n  name: nnappone\n');
});

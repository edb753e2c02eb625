import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { type Evidence, evidenceFormat } from './format.ts';

const artifacts = mkdtempSync(join(tmpdir(), 'recorder-'));
process.env.CONFORMANCE_ARTIFACTS = artifacts;
const { evidenceFolder, recordingFor, recordingPartsOf, recordObservation, writeEvidence } = await import('./recorder.ts');
afterAll(() => {
  rmSync(artifacts, { recursive: true });
});

function evidenceOf(claim: string): Evidence {
  const startedAt = new Date().toISOString();
  return {
    ...{ format: 2, claim, namespace: `clusterip-3ye99-${claim}`, cluster: {}, startedAt, ms: 20 },
    ...{ checks: [], observations: [], objects: {}, rules: {} },
  };
}

const seenIn = ({ observations }: Evidence) => observations.map(({ check, what, seen }) => [check, what, seen]);

test('an observation belongs to the claim and the check in whose call chain it is made, also side by side', async () => {
  const [one, two] = [evidenceOf('one'), evidenceOf('two')];
  const [oneMayGoOn, twoMayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const first = recordingFor(one, 'answers', async () => {
    recordObservation('before', 1);
    await oneMayGoOn.promise;
    recordObservation('after', 1);
    twoMayGoOn.resolve(undefined);
  });
  const second = recordingFor(two, 'setup', async () => {
    recordObservation('before', 2);
    oneMayGoOn.resolve(undefined);
    await twoMayGoOn.promise;
    await Promise.all([
      Promise.resolve().then(() => {
        recordObservation('in a branch', 2);
      }),
      first,
    ]);
    recordObservation('after', 2);
  });
  await second;
  expect(seenIn(one)).toEqual([
    ['answers', 'before', 1],
    ['answers', 'after', 1],
  ]);
  expect(seenIn(two)).toEqual([
    ['setup', 'before', 2],
    ['setup', 'in a branch', 2],
    ['setup', 'after', 2],
  ]);
});

test('an observation outside any claim is dropped', async () => {
  const evidence = evidenceOf('one');
  await recordingFor(evidence, 'answers', () => Promise.resolve());
  recordObservation('afterwards', 1);
  expect(evidence.observations).toEqual([]);
});

test('what is recorded while an observation is made is a part of it, also within a part', async () => {
  const evidence = evidenceOf('one');
  await recordingFor(evidence, 'answers', async () => {
    await recordingPartsOf('an address', async () => {
      recordObservation('kubectl get svc', { exitCode: 0, output: '' });
      await recordingPartsOf('something else', () => {
        recordObservation('within', 1);
        return Promise.resolve();
      });
    });
    recordObservation('an address', '10.43.1.2', { accepted: true, inARow: 1 });
  });
  expect(evidence.observations.map(({ what, partOf }) => [what, partOf])).toEqual([
    ['kubectl get svc', 'an address'],
    ['within', 'an address'],
    ['an address', undefined],
  ]);
  await expect(recordingPartsOf('an address', () => Promise.resolve(7))).resolves.toBe(7);
});

test('the result and the error of what is run pass through', async () => {
  const error = new Error('no Pod is ready');
  expect(await recordingFor(evidenceOf('one'), 'answers', () => Promise.resolve(7))).toBe(7);
  await expect(recordingFor(evidenceOf('one'), 'answers', () => Promise.reject(error))).rejects.toBe(error);
});

test('evidence is written whole, in its format, and an undefined observation is kept as null', async () => {
  const evidence = evidenceOf('one');
  await recordingFor(evidence, 'port', () => {
    recordObservation('the allocated NodePort', undefined);
    return Promise.resolve();
  });
  writeEvidence(evidenceOf('one'));
  writeEvidence(evidence);
  expect(evidenceFolder).toBe(join(artifacts, 'evidence'));
  expect(readdirSync(evidenceFolder)).toEqual(['one.json']);
  const written: unknown = JSON.parse(readFileSync(join(evidenceFolder, 'one.json'), 'utf8'));
  const [observation] = evidenceFormat.parse(written).observations;
  expect(observation).toEqual({ check: 'port', at: expect.any(Number), what: 'the allocated NodePort', seen: null });
  expect(observation?.at).toBeLessThan(10_000);
});

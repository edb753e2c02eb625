import { expect, test } from '@jest/globals';
import type { Kube } from './api.ts';
import { withNodeLabel } from './node-labels.ts';

/** Returns an API with two nodes, and the values to which their label was set. */
function fakeNodes(labels: Record<string, string> = {}): { kube: Kube; set: unknown[] } {
  const set: unknown[] = [];
  const core = {
    listNode: () => Promise.resolve({ items: [{ metadata: { name: 'one' } }, { metadata: { name: 'two', labels } }] }),
    patchNode: ({ name, body }: { name: string; body: { metadata: { labels: Record<string, unknown> } } }) => {
      set.push([name, body.metadata.labels.zone]);
      return Promise.resolve({});
    },
  };
  return { kube: { core } as unknown as Kube, set };
}

test('the label is removed from every node, also where what it was for fails', async () => {
  const { kube, set } = fakeNodes();
  await expect(withNodeLabel(kube, 'zone', 'here', () => Promise.reject(new Error('red')))).rejects.toThrow('red');
  expect(set).toEqual([
    ['one', 'here'],
    ['two', 'here'],
    ['one', null],
    ['two', null],
  ]);
});

test('a label that a node has is not changed', async () => {
  const { kube, set } = fakeNodes({ zone: 'real' });
  await expect(withNodeLabel(kube, 'zone', 'here', () => Promise.resolve())).rejects.toThrow('already has the label zone');
  expect(set).toEqual([]);
});

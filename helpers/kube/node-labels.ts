import type { Kube } from './api.ts';
import { mergePatch } from './objects.ts';

/**
 * Gives every node a label that it does not have yet, runs `show`, and removes the label again. Needs "cluster-wide changes". Throws what the API server
 * answers, and where a node has the label already.
 */
export async function withNodeLabel(kube: Kube, label: string, value: string, show: () => Promise<void>): Promise<void> {
  const { items } = await kube.core.listNode();
  const names = items.map(({ metadata }) => metadata?.name ?? '');
  if (items.some(({ metadata }) => metadata?.labels?.[label] !== undefined)) throw new Error(`a node already has the label ${label}`);
  const set = (to: string | null) =>
    Promise.all(names.map((name) => kube.core.patchNode({ name, body: { metadata: { labels: { [label]: to } } } }, mergePatch)));
  try {
    await set(value);
    await show();
  } finally {
    await set(null);
  }
}

import { setTimeout } from 'node:timers/promises';

/** Waits for `ms`, where the cluster reacts to elapsed time itself. `why` names that reaction. */
export async function idle(ms: number, why: string): Promise<void> {
  await setTimeout(ms, why);
}

import { setTimeout } from 'node:timers/promises';

/** Does nothing for `ms`, where elapsed time is itself what the cluster reacts to; `why` says so. */
export async function idle(ms: number, why: string): Promise<void> {
  await setTimeout(ms, why);
}

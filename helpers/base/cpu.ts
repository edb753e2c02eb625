import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's USER_HZ, in which /proc counts processor time: 100 on every platform that Node runs on. */
const ticksPerSecond = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Ticks of the process itself and of its children that have ended and been waited for. */
  readonly ticks: number;
}

function timesOf(pid: string): ProcessTimes | undefined {
  try {
    // The second field is the program's name in parentheses and may contain blanks (proc_pid_stat(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [, parent = '0'] = fields;
    return { parent: Number(parent), ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) };
  } catch {
    return undefined; // It has ended.
  }
}

/**
 * Returns the core-seconds that a process and its descendants have used so far, ended ones included. Returns undefined where there is
 * no /proc.
 */
export function treeCoreSeconds(root: number): number | undefined {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const times = new Map(pids.map((pid) => [Number(pid), timesOf(pid)]));
  const belongs = (pid: number): boolean => pid === root || (pid > 1 && belongs(times.get(pid)?.parent ?? 0));
  let ticks = 0;
  for (const [pid, found] of times) if (found !== undefined && belongs(pid)) ticks += found.ticks;
  return ticks / ticksPerSecond;
}

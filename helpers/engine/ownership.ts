import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

// Containers and namespaces carry the name of the process that they belong to, so that a later run finds those of processes that have ended.

/** Returns the start time of a process of this machine, in the kernel's ticks; undefined where there is no such process, or no /proc. */
function processStart(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses and may contain blanks (proc_pid_stat(5)).
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').split(' ')[20];
  } catch {
    return undefined;
  }
}

/** Returns the name of a process of this machine as an owner: machine, process id and start time. */
export function ownerOf(pid: number): string {
  return [hostname(), pid, processStart(pid) ?? '-'].join('/');
}

/** ms after which every run has ended. The end of a process on another machine cannot be seen from here. */
export const longestRun = 2 * 60 * 60_000;

/** Returns true if the owner still runs. An owner on another machine counts as running. */
export function ownerAlive(owner: string): boolean {
  const [host, pid, start] = owner.split('/');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return start === '-' || start === processStart(Number(pid));
}

/** Returns true if a thing of this owner, created `age` ms ago, is orphaned: the process has ended, or it is on another machine and too old. */
export function ownerGone(owner: string, age: number): boolean {
  return !ownerAlive(owner) || (owner.split('/')[0] !== hostname() && age > longestRun);
}

/** Ends this process within about a second after its owner has ended: a SIGKILL of the launcher does not reach Jest. */
export function endWithOwner(owner: string): void {
  setInterval(() => {
    if (!ownerAlive(owner)) process.exit(3);
  }, 1_000).unref();
}

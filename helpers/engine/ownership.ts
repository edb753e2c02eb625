import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../base/cache-folder.ts';

// Containers carry the name of the process that they belong to, so that a later run finds those of processes that have ended.

/** Returns the start time of a process of this machine, in the kernel's ticks; undefined where there is no such process, or no /proc. */
function processStart(pid: number): string | undefined {
  try {
    // The second field is the program's name in parentheses and may contain blanks (proc_pid_stat(5)).
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').split(' ')[20];
  } catch {
    return undefined;
  }
}

let identity: string | undefined;

/**
 * Returns the random id of this user on this machine, which is created once and kept in the cache folder. Where nothing can be written there, it is that
 * of this process alone.
 */
export function userIdentity(): string {
  identity ??= keptIdentity(randomUUID());
  return identity;
}

/** Returns the id in the cache folder, after writing `offered` there if it has none. Returns `offered` where that fails. */
function keptIdentity(offered: string): string {
  const file = join(cacheFolder(), 'identity');
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    writeFileSync(file, `${offered}\n`, { flag: 'wx' });
    return offered;
  } catch {
    // Most often there is one.
  }
  try {
    return readFileSync(file, 'utf8').trim() || offered;
  } catch {
    return offered;
  }
}

/**
 * Returns where the process ids of this process are valid. Machines and containers may have one host name, and use the same ids. So this is the boot of the
 * kernel with the pid namespace, or the user's identity where there is no /proc.
 */
function findPlace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}-${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')}`;
  } catch {
    return userIdentity();
  }
}

let place: string | undefined;

/** Returns the name of a process of this machine as an owner: host name, process id, start time, and where that process id is valid. */
export function ownerOf(pid: number): string {
  place ??= findPlace();
  return [hostname(), pid, processStart(pid) ?? '-', place].join('/');
}

/** Returns true if the owner is a process of this machine, in the same pid namespace. The host name does not matter. */
function ownedHere(owner: string): boolean {
  place ??= findPlace();
  return owner.split('/')[3] === place;
}

/** ms after which every run has ended. The end of a process on another machine cannot be seen from here. */
export const longestRun = 24 * 60 * 60_000;

/** Returns true if the owner still runs. An owner on another machine, or in another container, counts as running. */
export function ownerAlive(owner: string): boolean {
  if (!ownedHere(owner)) return true;
  const [, pid, start] = owner.split('/');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return start === '-' || start === processStart(Number(pid));
}

/** Returns true if a thing of this owner, created `age` ms ago, is orphaned: the process has ended, or it is on another machine and too old. */
export function ownerGone(owner: string, age: number): boolean {
  return !ownerAlive(owner) || (!ownedHere(owner) && age > longestRun);
}

/** Ends this process within about a second after its owner has ended: a SIGKILL of the launcher does not reach Jest. */
export function endWithOwner(owner: string): void {
  setInterval(() => {
    if (!ownerAlive(owner)) process.exit(3);
  }, 1_000).unref();
}

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { Exec } from '@kubernetes/client-node';
import type WebSocket from 'ws';
import { timeouts } from '../base/timeouts.ts';
import type { Kube } from './api.ts';

/** What a command did. */
export interface ShellResult {
  readonly exitCode: number;
  /** stdout; a command redirects what it should show of its stderr. */
  readonly output: string;
}

/**
 * A shell in a Pod or on the node that stays open, so that an attempt costs a process there and not a whole exec through API server, kubelet
 * or engine. Commands run one after the other.
 */
export interface Shell {
  /** Where the commands run, for people, such as namespace/pod. */
  readonly name: string;
  /**
   * Runs a line of sh within `limit` ms, timeouts.command by default. Throws when the shell is lost, when the command has not ended in time, and when
   * the output ended before its end mark came.
   */
  run(command: string, limit?: number): Promise<ShellResult>;
  /** True if it has ended, or was closed after a command that did not end in time. */
  lost(): boolean;
  close(): void;
}

/** Returns the error of a command whose output may have been cut. Its message ends with the last characters that were received. */
export function cutOff(why: string, received: string): Error {
  return new Error(
    `${why}, so its output may be cut. ${received === '' ? 'Nothing was received' : `Received last: ${received.slice(-200)}`}`,
  );
}

/**
 * Returns a shell over the streams of a process that runs sh. `ended` registers a function to be called when that process ends, `close` ends it.
 * The output of a command stands between two marks that are new for each command, so what an earlier one printed late is not part of it.
 * Throws nothing itself: where the process has ended, the next command fails.
 */
export function shellOver(
  name: string,
  stdin: NodeJS.WritableStream,
  stdout: NodeJS.ReadableStream,
  { ended, close }: { ended: (report: () => void) => void; close: () => void },
): Shell {
  let received = '';
  let lost: string | undefined;
  let wake = () => {};
  // A character may be split between two chunks.
  stdout.setEncoding('utf8');
  stdout.on('data', (chunk: string) => {
    received += chunk;
    wake();
  });
  // A process that has just ended may not have been reported yet when the next command is written.
  stdin.on('error', (error: Error) => {
    lost ??= `the shell in ${name} takes no commands: ${error.message}`;
    wake();
  });
  ended(() => {
    lost ??= `the shell in ${name} has ended`;
    wake();
  });

  const throwIfLost = () => {
    if (lost !== undefined) throw new Error(lost);
  };
  const runOne = async (command: string, limit: number): Promise<ShellResult> => {
    throwIfLost();
    const id = randomUUID();
    const [begin, end] = [`\x1e${id}\x1e`, `\x1e${id}:`];
    received = '';
    const deadline = Date.now() + limit;
    // The group does not end with the command itself: dash 0.5.12 then drops the redirections of a subshell.
    const group = `{ ${command}\nexit_code=$?; } </dev/null`;
    stdin.write(`printf '\\036${id}\\036'; ${group}; printf '\\036${id}:%d\\036' $exit_code\n`);
    for (;;) {
      const [, printed] = received.split(begin);
      const [output = '', code] = printed?.split(end) ?? [];
      if (code?.includes('\x1e') === true) return { output, exitCode: Number.parseInt(code) };
      if (lost !== undefined) throw cutOff(`${lost} before it printed the end mark of \`${command}\``, printed ?? '');
      const left = deadline - Date.now();
      if (left <= 0) {
        lost = `the shell in ${name} was closed, because a command did not end`;
        close();
        throw new Error(`\`${command}\` in ${name} has not ended after ${limit} ms`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  return {
    name,
    run: (command, limit = timeouts.command) => {
      const result = last.then(() => runOne(command, limit));
      last = result.catch(() => undefined);
      return result;
    },
    lost: () => lost !== undefined,
    close,
  };
}

/** Returns the last part of a shell's name, such as the name of the Pod, for people. */
export function shortNameOf({ name }: Shell): string {
  return name.replace(/^.*\//, '');
}

/** Opens a shell on this machine. Does not keep the process alive. */
export function openLocalShell(): Shell {
  const sh = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  for (const handle of [sh, sh.stdin, sh.stdout]) (handle as { unref?: () => void }).unref?.();
  return shellOver('this machine', sh.stdin, sh.stdout, {
    ended: (report) => sh.on('exit', report),
    close: () => {
      sh.kill();
    },
  });
}

/** Opens a shell in a container of a Pod. Does not keep the process alive. Throws what the API server or kubelet answered. */
export async function openShell(kube: Kube, namespace: string, pod: string, container: string): Promise<Shell> {
  const name = `${namespace}/${pod}`;
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough().resume();
  try {
    const socket: WebSocket = await new Exec(kube.config).exec(namespace, pod, container, ['sh'], stdout, stderr, stdin, false);
    unref(socket);
    // A policy of the cluster may set these in every Pod. curl would then connect to that proxy, and not to what it is asked for.
    stdin.write('unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY\n');
    return shellOver(name, stdin, stdout, {
      ended: (report) => socket.on('close', report),
      close: () => {
        socket.terminate();
      },
    });
  } catch (error) {
    throw new Error(`no shell in ${name}: ${(error as { message?: string }).message ?? String(error)}`, { cause: error });
  }
}

/** Lets the process end while the connection is open: shells stay open between suite files, and no hook is called after the last one. */
function unref(socket: WebSocket): void {
  (socket as unknown as { _socket?: { unref(): void } })._socket?.unref();
}

import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { Exec } from '@kubernetes/client-node';
import type WebSocket from 'ws';
import { timeouts } from '../timeouts.ts';
import type { Kube } from './api.ts';

export interface ShellResult {
  readonly exitCode: number;
  /** stdout; what a command should show of its stderr it redirects. */
  readonly output: string;
}

/**
 * A shell in a Pod or on the node that stays open, so that a look costs a process there and not a whole exec through API server, kubelet
 * or engine.
 * Commands run one after the other.
 */
export interface Shell {
  /** Who runs the commands, for people, such as namespace/pod. */
  readonly name: string;
  /** Runs a line of sh. Throws when the shell is lost or the command has not ended in time. */
  run(command: string): Promise<ShellResult>;
  /** It has ended, or was closed after a command that did not end in time. */
  lost(): boolean;
  close(): void;
}

/** A shell over the streams of whatever started it. `ended` says that it is lost, `close` ends it. */
export function shellOver(
  name: string,
  stdin: NodeJS.WritableStream,
  stdout: NodeJS.ReadableStream,
  { ended, close }: { ended: (tell: () => void) => void; close: () => void },
): Shell {
  let received = '';
  let lost: string | undefined;
  let wake = () => {};
  stdout.on('data', (chunk: Buffer) => {
    received += chunk.toString();
    wake();
  });
  ended(() => {
    lost = `the shell in ${name} has ended`;
    wake();
  });

  let count = 0;
  const runOne = async (command: string): Promise<ShellResult> => {
    // The mark is new for each command, so that what a lost one left behind is never taken for an answer.
    const mark = `\x1e${++count}:`;
    received = '';
    const deadline = Date.now() + timeouts.command;
    stdin.write(`{ ${command}\n} </dev/null; printf '\\036${count}:%d\\036' $?\n`);
    for (;;) {
      const at = received.indexOf(mark);
      const end = received.indexOf('\x1e', at + 1);
      if (at >= 0 && end > at) return { output: received.slice(0, at), exitCode: Number(received.slice(at + mark.length, end)) };
      if (lost !== undefined) throw new Error(lost);
      const left = deadline - Date.now();
      if (left <= 0) {
        lost = `the shell in ${name} was given up`;
        close();
        throw new Error(`\`${command}\` in ${name} has not ended after ${timeouts.command} ms`);
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
    run: (command) => {
      const result = last.then(() => runOne(command));
      last = result.catch(() => undefined);
      return result;
    },
    lost: () => lost !== undefined,
    close,
  };
}

/** Opens a shell on this machine. */
export function openLocalShell(): Shell {
  const sh = spawn('sh', { stdio: ['pipe', 'pipe', 'ignore'] });
  return shellOver('this machine', sh.stdin, sh.stdout, {
    ended: (tell) => sh.on('exit', tell),
    close: () => {
      sh.kill();
    },
  });
}

/** Opens a shell in a Pod's container. Throws what the API server or kubelet answered. */
export async function openShell(kube: Kube, namespace: string, pod: string): Promise<Shell> {
  const name = `${namespace}/${pod}`;
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough().resume();
  const container = undefined as unknown as string; // a Pod's only one; the client's types ask for a name
  try {
    const socket: WebSocket = await new Exec(kube.config).exec(namespace, pod, container, ['sh'], stdout, stderr, stdin, false);
    return shellOver(name, stdin, stdout, {
      ended: (tell) => socket.on('close', tell),
      close: () => {
        socket.terminate();
      },
    });
  } catch (error) {
    throw new Error(`no shell in ${name}: ${(error as { message?: string }).message ?? String(error)}`, { cause: error });
  }
}

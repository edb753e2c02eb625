import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { connect } from './engine.ts';

// For specs: an engine that answers over HTTP as Docker does.

/** One request to the fake engine. */
export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An engine's answer; an object is sent as JSON. */
export interface Answer {
  readonly status?: number;
  readonly body: Buffer | string | object;
}

interface FakeEngine {
  readonly docker: Docker;
  readonly received: readonly Received[];
  /** Ends it, and what it still runs. */
  readonly close: () => void;
}

/** Docker's frame of a chunk of stdout: https://docs.docker.com/reference/api/engine/version/v1.48/#tag/Container/operation/ContainerAttach */
function framed(output: Buffer): Buffer {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(output.length, 4);
  return Buffer.concat([header, output]);
}

/** Runs an exec'd command on this machine, over a connection of the engine, which ends after `cutAfter` bytes of output. Returns a function that kills it. */
function run(
  command: readonly string[],
  socket: Duplex,
  { cutAfter, tty, path }: { cutAfter: number; tty: boolean; path: string },
): () => void {
  const [program = '', ...args] = command;
  // A process group of its own, to be killed as one.
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, PATH: `${path}:${process.env.PATH}` },
  });
  socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  socket.pipe(child.stdin).on('error', () => undefined);
  socket.on('error', () => undefined);
  let left = cutAfter;
  child.stdout.on('data', (output: Buffer) => {
    const passed = output.subarray(0, left);
    left -= passed.length;
    if (passed.length > 0) socket.write(tty ? passed : framed(passed));
    if (left === 0) socket.end();
  });
  child.stdout.on('end', () => socket.end());
  return () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
  };
}

/** Starts an engine that runs exec'd commands on this machine and answers every other request by `answer`. Without an answer it sends 404. */
export async function startFakeEngine({
  answer = () => undefined,
  cutAfter = Infinity,
  path = '/bin',
}: {
  answer?: (request: Received) => Answer | undefined;
  /** Bytes of output of an exec'd command after which the engine ends the connection. */
  cutAfter?: number;
  /** A folder with programs for exec'd commands. */
  path?: string;
} = {}): Promise<FakeEngine> {
  const received: Received[] = [];
  const kills: (() => void)[] = [];
  let exec: { Cmd: string[]; Tty?: boolean } = { Cmd: [] };
  const server = createServer((incoming, response) => {
    void buffer(incoming).then((body) => {
      const url = new URL(incoming.url ?? '', 'http://engine');
      const request = { method: incoming.method ?? '', url, headers: incoming.headers, body };
      received.push(request);
      if (url.pathname.endsWith('/exec')) exec = JSON.parse(body.toString()) as typeof exec;
      const answered = url.pathname.endsWith('/exec') ? { status: 201, body: { Id: 'exec' } } : answer(request);
      const { status = 200, body: sent } = answered ?? { status: 404, body: { message: 'there is none' } };
      response.writeHead(status).end(Buffer.isBuffer(sent) || typeof sent === 'string' ? sent : JSON.stringify(sent));
    });
  });
  server.on('upgrade', (_, socket) => {
    kills.push(run(exec.Cmd, socket, { cutAfter, tty: exec.Tty === true, path }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const docker = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, protocol: 'http' });
  const close = () => {
    for (const kill of kills) kill();
    server.close();
    server.closeAllConnections();
  };
  return { docker, received, close };
}

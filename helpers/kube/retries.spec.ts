import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } from '@kubernetes/client-node';
import { withRetries } from './retries.ts';

const http = new IsomorphicFetchHttpLibrary();
let url: string;
let requests: string[];
let stop: () => void;

/** Starts a server that gives these responses in turn, and the last one from then on. */
async function serve(...responses: readonly ((response: ServerResponse, request: IncomingMessage) => void)[]): Promise<void> {
  requests = [];
  const server = createServer((request, response) => {
    requests.push(request.method ?? '');
    responses[Math.min(requests.length, responses.length) - 1]?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
}
afterEach(() => {
  stop();
});

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end('body');
const lost = (_: ServerResponse, request: IncomingMessage) => request.socket.destroy();

/** Sends a request with at most three retries, and returns the status. */
async function send(method: HttpMethod): Promise<number> {
  const patient = withRetries({ send: (request) => http.send(request).toPromise() }, 3);
  return (await patient.send(new RequestContext(url, method))).httpStatusCode;
}

test.each([429, 500, 503])('%d with Retry-After is sent again after that time, whatever the method', async (code) => {
  await serve(status(code, { 'Retry-After': '1' }), status(201));
  const began = performance.now();
  expect(await send(HttpMethod.POST)).toBe(201);
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(requests).toEqual(['POST', 'POST']);
});

test.each([
  ['429 without Retry-After', status(429), 429],
  ['500 without Retry-After', status(500), 500],
  ['503 with a date', status(503, { 'Retry-After': 'Fri, 27 Nov 2026 14:00:00 GMT' }), 503],
  ['409 with Retry-After', status(409, { 'Retry-After': '0' }), 409],
])('%s is the answer', async (_, response, code) => {
  await serve(response, status(200));
  expect(await send(HttpMethod.GET)).toBe(code);
  expect(requests).toHaveLength(1);
});

test('after the retries, the last response is the answer', async () => {
  await serve(status(429, { 'Retry-After': '0' }));
  expect(await send(HttpMethod.GET)).toBe(429);
  expect(requests).toHaveLength(4);
});

test('a GET whose connection was lost is sent again, and a POST is not: the API server may have done it', async () => {
  await serve(lost, status(200));
  expect(await send(HttpMethod.GET)).toBe(200);
  expect(requests).toEqual(['GET', 'GET']);
  stop();
  await serve(lost, status(200));
  await expect(send(HttpMethod.POST)).rejects.toThrow('fetch failed');
  expect(requests).toEqual(['POST']);
});

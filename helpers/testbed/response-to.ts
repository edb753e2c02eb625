import { recordObservation } from '../evidence/recorder.ts';
import { refusal } from '../kube/refusal.ts';

/**
 * Waits for the API server's response to a request, records it, and returns its status code and message: why it refuses, or 200 where it accepts. `what`
 * completes "the response to …". Throws any other error of the request.
 */
export async function responseTo(what: string, request: Promise<unknown>): Promise<{ code: number; message: string }> {
  const response = await request.then(() => ({ code: 200, message: 'accepted' }), refusal);
  recordObservation(`the response to ${what}`, response);
  return response;
}

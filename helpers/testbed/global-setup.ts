import { currentRequest } from '../cluster/run-request.ts';

/** Ends Jest where it was started by hand: claims run only on a cluster that `npm test` opens. */
export default function globalSetup(): void {
  if (currentRequest() !== undefined) return;
  console.error('The claims need a cluster: run them with `npm test`.');
  process.exit(2);
}

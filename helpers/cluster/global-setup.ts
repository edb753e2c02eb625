import { existsSync } from 'node:fs';
import { descriptionFile } from './description.ts';

/** Jest runs claims only on a cluster that `npm test` or `npm run cluster` has opened. */
export default function globalSetup(): void {
  if (process.env.CONFORMANCE_RUN !== undefined && existsSync(descriptionFile)) return;
  console.error('The claims need a cluster: run them with `npm test`, which takes the same arguments as Jest.');
  process.exit(2);
}

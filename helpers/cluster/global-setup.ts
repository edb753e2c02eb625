/** Jest runs claims only on a cluster that `npm test` opens. */
export default function globalSetup(): void {
  if (process.env.CONFORMANCE_RUN !== undefined) return;
  console.error('The claims need a cluster: run them with `npm test`.');
  process.exit(2);
}

/** Waits until all that was printed has been written. What a program reads through a pipe or socket is written later, and process.exit would cut it. */
export async function printed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((written) => stream.write('', written))));
}

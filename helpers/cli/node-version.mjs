// Loaded before anything else, and plain JavaScript, so that an old Node gets to read it.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 22)) {
  console.error(
    `Node ${process.versions.node} is too old: the suite needs 22.22 or newer. ` +
      'Install it from https://nodejs.org, or on a bare Debian machine run .ci/setup, which brings one of its own.',
  );
  process.exit(2);
}

// Node keeps compiled code between runs, also for the processes that a command starts: loading then takes half of the processor time. Where the folder cannot be
// written, Node does without.
const { enableCompileCache } = await import('node:module');
process.env.NODE_COMPILE_CACHE ??= decodeURIComponent(new URL('../../node_modules/.cache/node', import.meta.url).pathname);
enableCompileCache(process.env.NODE_COMPILE_CACHE);

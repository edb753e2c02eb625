// What `npm run new-claim` writes. All of it compiles, so that the compiler helps from the first edit on.

/** Returns an id as the name of a property: quoted only where it must be, as prettier does. */
function property(id: string): string {
  return /^[a-z][a-z0-9]*$/.test(id) ? id : `'${id}'`;
}

/** Returns a row of the ledger. `suite` is like chapter/ports. */
export function rowSkeleton(id: string, suite: string): string {
  return `  ${property(id)}: {
    origin: under('Common Questions'),
    suite: '${suite}',
    says: 'What the document says, in our words.',
    verdict: 'holds',
    checks: ['answered', 'refused-without-pods'],
    needs: ['known proxy'],
  },
`;
}

/** The first lines of a suite file. */
export const suiteHead = "import { claim, client, expectEnding, server } from '../../helpers/testbed/testbed.ts';\n";

/** Returns the tests of a claim: one check and its control, which differs in one thing. */
export function claimSkeleton(id: string): string {
  return `claim('${id}', ({ ns, setup, check }) => {
  let url: string;

  setup(async () => {
    url = (await ns.service()).url(8080);
    await ns.pods(server('web', { labels: { app: 'web' } }));
  });

  check('answered', 'a client is answered', async () => {
    await expectEnding(client(), url, 'answered', { by: 'web' });
  });

  // Control: the same client and the same address; only the Pod is gone.
  check('refused-without-pods', 'the same client is refused once the Pod is gone', async () => {
    await ns.deletePods('web');
    await expectEnding(client(), url, 'refused');
  });
});
`;
}

/** Returns a mutant that breaks the cluster so that the claim turns red. */
export function mutantSkeleton(id: string): string {
  return `import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'What is broken, in a sentence.',
  how: 'How a cluster comes to that.',
  apply: 'stop kube-proxy',
  mend: 'startproxy',
  red: { ${property(id)}: { answered: 'timed out' } },
  green: ['default-type'],
};

export default mutant;
`;
}

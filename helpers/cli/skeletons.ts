// What `npm run new-claim` writes. All of it compiles, so that the compiler helps from the first edit on.

/** Returns an id as the name of a property: quoted only where it must be, as prettier does. */
function property(id: string): string {
  return /^[a-z][a-z0-9]*$/.test(id) ? id : `'${id}'`;
}

/** Returns a row of the ledger. `suite` is like chapter/ports. */
function rowSkeleton(id: string, suite: string): string {
  return `  ${property(id)}: {
    origin: under('Common Questions'),
    suite: '${suite}',
    says: 'What the document says, in our words.',
    verdict: 'holds',
    why: 'Which component does what, in one or two sentences.',
    checks: ['answered', 'refused-without-pods'],
    needs: ['known proxy'],
  },
`;
}

/** Returns the tests of a claim: one check and its control, which differs in one thing. */
function claimSkeleton(id: string): string {
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

const namesUsed = ['claim', 'client', 'expectEnding', 'server'];
const importLine = /^import \{([^}]*)\} from '\.\.\/\.\.\/helpers\/testbed\/testbed\.ts';$/m;

/** Returns a suite file with the tests of a claim at its end. `suite` is its text so far; empty for a new file. Adds the imports that the tests use. */
export function withClaim(suite: string, id: string): string {
  const imported = (importLine.exec(suite)?.[1] ?? '').split(',').map((name) => name.trim());
  const names = [...new Set([...imported, ...namesUsed])].filter((name) => name !== '');
  const imports = `import { ${names.join(', ')} } from '../../helpers/testbed/testbed.ts';`;
  const head = importLine.test(suite) ? suite.replace(importLine, imports) : `${imports}\n${suite}`;
  return `${head}\n${claimSkeleton(id)}`;
}

const rowsEnd = '} as const satisfies Record<string, Claim>;';

/** Returns the file of the ledger's rows with a row at their end. Throws where it has no end of the rows. */
export function withRow(rows: string, id: string, suite: string): string {
  if (!rows.includes(rowsEnd)) throw new Error(`the file of the ledger has no line "${rowsEnd}" to insert a row before`);
  return rows.replace(rowsEnd, `${rowSkeleton(id, suite)}${rowsEnd}`);
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

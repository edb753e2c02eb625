import { UsageError } from '../base/usage-error.ts';

// What `npm run new-claim` writes. All of it compiles, so that the compiler helps from the first edit on.

/** The parts of the ledger, by the folders of their suites. */
export type PartName = 'chapter' | 'beyond';

/** The file of the rows of a topic, and its suite, such as beyond/udp. */
export interface Place {
  readonly part: PartName;
  readonly suite: string;
  readonly rows: string;
}

/**
 * Returns where a claim of a topic belongs. `known` has the topics that there are. A topic may name its part: beyond/udp. Without, it is of the part that has
 * it; a new one is of the chapter. Throws a UsageError where both parts have it, or where it would be a new one beyond the chapter, because those have a
 * heading and a place in the order that a person chooses.
 */
export function placeFor(topic: string, known: Readonly<Record<PartName, readonly string[]>>): Place {
  const [, named, name = ''] = /^(?:(chapter|beyond)\/)?(.*)$/.exec(topic) ?? [];
  const having = (['chapter', 'beyond'] as const).filter((part) => known[part].includes(name));
  if (named === undefined && having.length > 1)
    throw new UsageError(`Both parts have a topic ${name}: say chapter/${name} or beyond/${name}.`);
  const part = named === 'chapter' || named === 'beyond' ? named : (having[0] ?? 'chapter');
  if (part === 'beyond' && !having.includes('beyond'))
    throw new UsageError(
      `There is no helpers/ledger/beyond/${name}.ts. Topics beyond the chapter are ${known.beyond.join(', ')}; docs/adding-a-claim.md says how to add one.`,
    );
  return { part, suite: `${part}/${name}`, rows: part === 'chapter' ? 'helpers/ledger/chapter.ts' : `helpers/ledger/beyond/${name}.ts` };
}

/** Returns an id as the name of a property: quoted only where it must be, as prettier does. */
function property(id: string): string {
  return /^[a-z][a-z0-9]*$/.test(id) ? id : `'${id}'`;
}

/** Returns a row of the ledger. A row beyond the chapter takes topic and suite from the file of its topic. */
function rowSkeleton(id: string, { part, suite }: Place): string {
  const place =
    part === 'chapter'
      ? `origin: under('Common Questions'),
    suite: '${suite}',`
      : `origin: on('service', 'Defining a Service', 'defining-a-service'),
    ...{ topic, suite },`;
  return `  ${property(id)}: {
    ${place}
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

/** Returns a file of rows beyond the chapter with what its first row needs: the places of sentences, the heading of the topic, and the suite. */
function withTopic(rows: string, suite: string): string {
  if (/^const topic = /m.test(rows)) return rows;
  const [, name = ''] = suite.split('/');
  const heading = name.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
  const lastImport = /(?:^import .*\n)+/m;
  return rows
    .replace(lastImport, (imports) => (imports.includes('./pages.ts') ? imports : `${imports}import { on } from './pages.ts';\n`))
    .replace(lastImport, (imports) => `${imports}\nconst topic = '${heading}';\nconst suite = '${suite}';\n`);
}

/** Returns a file of the ledger's rows with a row at their end. Throws where it has no end of the rows. */
export function withRow(rows: string, id: string, place: Place): string {
  if (!rows.includes(rowsEnd)) throw new Error(`the file of the ledger has no line "${rowsEnd}" to insert a row before`);
  const whole = place.part === 'beyond' ? withTopic(rows, place.suite) : rows;
  return whole.replace(`{${rowsEnd}`, `{\n${rowsEnd}`).replace(rowsEnd, `${rowSkeleton(id, place)}${rowsEnd}`);
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

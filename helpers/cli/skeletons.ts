import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../base/paths.ts';
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
 * it; a new one is of the chapter. Throws a UsageError where both parts have it, or where a new one cannot have its own file of rows.
 */
export function placeFor(topic: string, known: Readonly<Record<PartName, readonly string[]>>): Place {
  const [, named, name = ''] = /^(?:(chapter|beyond)\/)?(.*)$/.exec(topic) ?? [];
  const having = (['chapter', 'beyond'] as const).filter((part) => known[part].includes(name));
  if (named === undefined && having.length > 1)
    throw new UsageError(`Both parts have a topic ${name}: say chapter/${name} or beyond/${name}.`);
  const part = named === 'chapter' || named === 'beyond' ? named : (having[0] ?? 'chapter');
  // The name becomes that of a constant. The file of this name has no rows.
  if (part === 'beyond' && (!/^[a-z]/.test(name) || name === 'pages'))
    throw new UsageError(
      `helpers/ledger/beyond/${name}.ts cannot hold claims: choose a name that starts with a letter and is not pages, or one of ${known.beyond.join(', ')}.`,
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

/** Returns a file of the ledger's rows with a row at their end. Throws a UsageError where it has no end of the rows. */
export function withRow(rows: string, id: string, place: Place): string {
  if (!rows.includes(rowsEnd))
    throw new UsageError(
      `A row is written before the line "${rowsEnd}", and ${place.rows} has none: end its rows with it, as the other files of rows do.`,
    );
  const whole = place.part === 'beyond' ? withTopic(rows, place.suite) : rows;
  return whole.replace(`{${rowsEnd}`, `{\n${rowsEnd}`).replace(rowsEnd, `${rowSkeleton(id, place)}${rowsEnd}`);
}

/** Returns the name of a topic as that of a constant: dns-records is dnsRecords. */
function constantOf(topic: string): string {
  return topic.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Returns the file of the rows of a new topic beyond the chapter, which has none yet. */
export function topicSkeleton(topic: string): string {
  return `import type { Claim } from '../row.ts';

/** Claims of this topic. Ids are never changed; verdicts are what a person found to be true. */
export const ${constantOf(topic)} = {${rowsEnd}
`;
}

/** Returns the list of the topics beyond the chapter with a new one at its end. */
export function withTopicLine(list: string, topic: string): string {
  const line = `import { ${constantOf(topic)} } from './beyond/${topic}.ts';`;
  return list
    .replace(/(?:^import .*\n)+/m, (imports) => `${[...imports.trimEnd().split('\n'), line].sort().join('\n')}\n`)
    .replace(/^};$/m, `  ...${constantOf(topic)},\n};`);
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

/** The list of the topics beyond the chapter. */
export const topicList = 'helpers/ledger/beyond.ts';

/** Returns the text of a file of this repository as prettier formats it. */
async function formatted(file: string, text: string): Promise<string> {
  const filepath = join(root, file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

/**
 * Returns the files that a new claim changes or adds, by their paths, with their formatted texts. `read` returns the text of a file, or undefined where there
 * is none. Throws a UsageError where the file of the rows has no end of the rows.
 */
export async function filesFor(
  id: string,
  place: Place,
  read: (file: string) => string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const topic = place.suite.replace(/^.*\//, '');
  const suite = `suites/${place.suite}.test.ts`;
  const rows = read(place.rows);
  const texts = {
    [place.rows]: withRow(rows ?? topicSkeleton(topic), id, place),
    ...(rows === undefined ? { [topicList]: withTopicLine(read(topicList) ?? '', topic) } : {}),
    [suite]: withClaim(read(suite) ?? '', id),
    [`mutants/${id}.ts`]: mutantSkeleton(id),
  };
  return Object.fromEntries(
    await Promise.all(Object.entries(texts).map(async ([file, text]) => [file, await formatted(file, text)] as const)),
  );
}

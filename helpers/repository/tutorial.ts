import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';

// The example of docs/adding-a-claim.md, read from the page.

export const page = readFileSync(join(root, 'docs/adding-a-claim.md'), 'utf8');

/** Every `npm run new-claim` of the page. */
export const newClaims = [...page.matchAll(/^ {4}npm run new-claim -- (\S+) (\S+)$/gm)].map(([, id = '', topic = '']) => ({ id, topic }));

/** The id and the topic of the example, which is the first of them. */
export const { id, topic } = newClaims[0] ?? { id: '', topic: '' };

/** The code of the page: the row, the suite file and the mutant. */
export const [row = '', suite = '', mutant = '', ...further] = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

/** The sentence and the verdict of the row. */
export const [says = '', verdict = ''] = ['says', 'verdict'].map((field) => new RegExp(`^ +${field}: '(.*)',$`, 'm').exec(row)?.[1] ?? '');

/** The patterns of every `-t` in the indented commands. */
export const patterns = [...page.matchAll(/^ {4}.*npm test .*-t (?:'([^'\n]*)'|(\S+))/gm)].map(([, quoted, bare]) => quoted ?? bare ?? '');

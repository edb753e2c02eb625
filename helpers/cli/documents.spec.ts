import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../base/paths.ts';
import { documents } from './documents.ts';

test.each(Object.entries(documents))('%s is as the code has it (when it is not: `npm run docs` writes it)', (file, render) => {
  expect(readFileSync(join(root, file), 'utf8')).toBe(render());
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';
import { documents } from './documents.ts';

for (const [file, render] of Object.entries(documents)) writeFileSync(join(root, file), render());

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cluster/settings.ts';
import { reportSchema } from '../report/format.ts';

writeFileSync(join(root, 'docs/report.schema.json'), reportSchema());

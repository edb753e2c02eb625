import { claims, excluded } from '../../suites/claims.ts';
import type { Claim } from '../claims/row.ts';

const ledger: Readonly<Record<string, Claim>> = claims;
let section = '';
for (const [id, claim] of Object.entries(ledger)) {
  if (claim.section !== section) console.log(`\n${(section = claim.section)}`);
  console.log(`  ${claim.verdict.padEnd(9)} ${id}\n            ${claim.says}`);
  if (claim.verdict !== 'holds') console.log(`            In truth: ${claim.truth}`);
  if (claim.needs !== undefined) console.log(`            Needs: ${claim.needs.join(', ')}`);
}
console.log('\nExcluded');
for (const { says, why } of excluded) console.log(`  ${says} (${why})`);

import { excluded, ledger } from '../ledger/claims.ts';

let section = '';
for (const [id, claim] of Object.entries(ledger)) {
  if (claim.origin.section !== section) console.log(`\n${(section = claim.origin.section)}`);
  console.log(`  ${claim.verdict.padEnd(9)} ${id}\n            ${claim.says}`);
  if (claim.verdict !== 'holds') console.log(`            In truth: ${claim.truth}`);
  if (claim.needs !== undefined) console.log(`            Needs: ${claim.needs.join(', ')}`);
}
console.log('\nExcluded');
for (const { says, why } of excluded) console.log(`  ${says} (${why})`);

import { excluded, ledger } from '../ledger/claims.ts';
import type { Passage } from '../ledger/passages.ts';
import type { Claim } from '../ledger/row.ts';
import { checkTitles, type CheckTitles } from './check-titles.ts';
import { claimsArguments } from './command-arguments.ts';
import { main } from './main.ts';
import { passageLine } from '../report/verdicts.ts';
import { placeOf, sectionsOf } from '../report/words.ts';

const key = [
  'Every claim with its verdict: holds (true as it stands), corrected (true only with the correction), refuted (not true).',
  'By its source: it belongs to the truth, but rests on a source. Needs: what a cluster must have, so that it can show the claim.',
  'The claims of the chapter come first, then those beyond it by topic. Where: the page of a sentence beyond the chapter, its heading, and the version read.',
];

/** Returns the lines of a file that works, since a reader cannot guess them; none for a command. */
function fileLines({ kind, text }: Passage): string[] {
  return kind === 'yaml' ? text.split('\n').map((line) => `    ${line}`) : [];
}

/** Returns a claim in lines. Without titles it has no checks. */
function claimLines(id: string, claim: Claim, titles: CheckTitles | undefined): string[] {
  const { origin, topic, verdict, says, why, cited = [], printed, instead, needs = [], checks } = claim;
  const further = [
    says,
    ...(topic === undefined ? [] : [`Where: ${placeOf(origin)} ${origin.address ?? ''}`]),
    ...(verdict === 'holds' ? [] : [`In truth: ${claim.truth}`]),
    `Why: ${why}`,
    ...cited.map(
      (sentence) => `By its source${sentence.shownIn === undefined ? '' : `, shown in ${sentence.shownIn} mode`}: ${sentence.says}`,
    ),
    ...(printed === undefined ? [] : [`Printed: ${passageLine(printed, instead)}`]),
    ...(instead === undefined ? [] : [`Instead: ${passageLine(instead, printed)}`, ...fileLines(instead)]),
    ...(printed !== undefined && instead === undefined ? fileLines(printed) : []),
    ...(needs.length === 0 ? [] : [`Needs: ${needs.join(', ')}`]),
    ...(titles === undefined ? [] : checks.map((check) => `– ${titles[check] ?? check}`)),
  ];
  return [`  ${verdict.padEnd(9)} ${id}`, ...further.map((line) => `            ${line}`)];
}

await main(async () => {
  const { checks } = claimsArguments();
  const titles = checks ? await checkTitles() : undefined;
  console.log(key.join('\n'));
  const rows = Object.entries(ledger).map(([id, claim]) => ({ id, claim, origin: claim.origin, topic: claim.topic }));
  for (const { heading, rows: claims } of sectionsOf(rows)) {
    console.log(`\n${heading}`);
    for (const { id, claim } of claims) console.log(claimLines(id, claim, titles?.[id]).join('\n'));
  }
  console.log('\nExcluded');
  for (const { says, why } of excluded) console.log(`  ${says} (${why})`);
  return 0;
});

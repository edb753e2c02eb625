import { describe, expect, test } from '@jest/globals';
import { exampleBeyond, exampleCluster, exampleReport } from './example.ts';
import type { ClaimReport, PassageReport } from './format.ts';
import { diffOf, errataLine, errataOf, markedLines, namesParts, partLines, partsOf, placeOf, sectionsOf, shownAndCited } from './words.ts';

function exampleClaim(id: string): ClaimReport {
  const found = exampleReport.claims.find((claim) => claim.id === id);
  if (found === undefined) throw new Error(`the example has no claim ${id}`);
  return found;
}

describe('the truth of a claim in two parts', () => {
  const claim = exampleClaim('bare-url');

  test.each([
    ['iptables', 'In iptables mode it times out.', 'In nftables mode it is refused.', 'nftables'],
    ['nftables', 'In nftables mode it is refused.', 'In iptables mode it times out.', 'iptables'],
  ])('in %s mode the other mode rests on its source', (proxyMode, seen, notSeen, source) => {
    expect(shownAndCited(claim, { ...exampleCluster, proxyMode })).toEqual({
      shown: ['It means port 80.', seen],
      cited: [{ says: notSeen, sources: [`https://example.test/${source}`] }],
    });
  });

  test('a run that did not confirm the claim showed nothing of it', () => {
    const { shown, cited } = shownAndCited({ ...claim, outcome: 'unobserved' }, exampleCluster);
    expect(shown).toEqual([]);
    expect(cited[0]).toEqual({ says: 'It means port 80.', sources: ['https://example.test/port'] });
    expect(cited).toHaveLength(3);
  });

  test('of a claim that holds, what the document says was shown', () => {
    expect(shownAndCited(exampleClaim('port-exposed'), exampleCluster)).toEqual({ shown: ['The port is exposed.'], cited: [] });
  });
});

describe('what is printed, beside what works', () => {
  const yaml = (...lines: string[]): PassageReport => ({ kind: 'yaml', text: lines.join('\n') });

  test('the lines that the other text lacks are marked', () => {
    expect(markedLines('a\nmeta\nb', 'a\nmetadata:\nb').map(({ differs }) => differs)).toEqual([false, true, false]);
  });

  test.each([
    ['a line that differs', yaml('a', 'meta', 'b'), yaml('a', 'metadata:', 'b'), ['  a', '- meta', '+ metadata:', '  b']],
    ['a line that is missing', yaml('a', 'b'), yaml('a', 'new', 'b', 'last'), ['  a', '+ new', '  b', '+ last']],
    ['a line too many', yaml('a', 'old', 'b'), yaml('a', 'b'), ['  a', '- old', '  b']],
    ['nothing alike', yaml('a'), yaml('b'), ['- a', '+ b']],
  ])('%s, as a diff', (_, printed, instead, lines) => {
    expect(diffOf(printed, instead)).toEqual(lines);
  });

  test('a command and a file have no diff', () => {
    expect(diffOf({ kind: 'shell', text: 'a' }, yaml('a'))).toBeUndefined();
  });
});

test('the counts of errata say what they count', () => {
  expect(errataLine(exampleReport)).toBe(
    'Of the 2 claims that this run confirmed: 0 corrected, 1 refuted. Of all 6: 1 corrected, 1 refuted.',
  );
});

test('errata are refuted claims first, then corrected ones, without those that hold', () => {
  expect(errataOf([...exampleReport.claims].reverse()).map(({ id, verdict }) => [id, verdict])).toEqual([
    ['bare-url', 'refuted'],
    ['time-out', 'corrected'],
  ]);
});

describe('the two parts', () => {
  const both = [...exampleReport.claims, exampleBeyond];

  test('the chapter comes under its headings, then the rest by topic', () => {
    expect(partsOf(both).map(({ name, documents, sections }) => [name, documents, sections.map(({ heading }) => heading)])).toEqual([
      ['The chapter', 'the chapter', ['YAML Breakdown', 'Step 2', 'Step 3', 'Key Concepts', 'Summary']],
      ['Beyond the chapter', "Kubernetes' documentation", ['Endpoints and rollouts']],
    ]);
    expect(sectionsOf(both).at(-1)?.heading).toBe('Beyond the chapter: Endpoints and rollouts');
  });

  test('they are named where there are two, or where there is something beyond the chapter', () => {
    expect(namesParts(partsOf(exampleReport.claims))).toBe(false);
    expect(namesParts(partsOf([exampleBeyond]))).toBe(true);
    expect(partLines(exampleReport)).toEqual([]);
    expect(partLines({ claims: both })).toEqual(['The chapter: 2 of 6 claims confirmed.', 'Beyond the chapter: 1 of 1 claim confirmed.']);
  });

  test('the place of a sentence is a page, a heading there, and the version that was read', () => {
    expect(placeOf(exampleBeyond.origin)).toBe('EndpointSlices, "Ports" (version read: 1.35)');
  });
});

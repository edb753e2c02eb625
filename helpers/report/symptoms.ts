import { markdownTable } from 'markdown-table';
import { symptomsFor, type SymptomHere } from '../ledger/symptoms.ts';
import { cell, code, fenced, inline } from './markdown-text.ts';
import { capitalised } from './words.ts';

// The symptoms as Markdown. The HTML report draws its own table from the same data.

function inCell(lines: readonly string[]): string {
  return lines.join('<br>');
}

/** Returns the symptoms as a Markdown table for one proxy mode. For a mode that is not known, what depends on it names the mode. */
export function symptomTable(mode: string): string {
  const rows = symptomsFor(mode).map(({ name, means, claims, next }) => [
    `**${cell(name)}**`,
    inCell(means.map(cell)),
    inCell(claims.map(code)),
    inCell(next.flatMap(({ command }) => command.split('\n')).map((line) => code(line).replaceAll('|', String.raw`\|`))),
  ]);
  return markdownTable([['symptom', 'what it means', 'shown by', 'look next'], ...rows], { alignDelimiters: false, padding: true });
}

/** Returns the anchor of a symptom, as GitHub makes it from its heading. */
function anchor(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

function section({ name, seen, means, claims, next }: SymptomHere): string[] {
  return [
    `## ${capitalised(inline(name))}`,
    '',
    `You see: ${inline(seen)}.`,
    '',
    ...means.map((text) => `- ${inline(text)}`),
    '',
    `Shown by ${claims.map((id) => `[${id}](verdicts.md#${id})`).join(', ')}.`,
    '',
    ...next.flatMap(({ question, command }, index) => [`${index + 1}. ${inline(question)}`, '', ...indented(fenced('sh', command)), '']),
  ];
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `   ${line}`);
}

/** Returns docs/symptoms.md: every symptom with its meaning in both proxy modes, for people who have an incident and no cluster to spare. */
export function renderSymptoms(): string {
  const symptoms = symptomsFor('any');
  return [
    '# Symptoms',
    '',
    'Written by `npm run docs` from [helpers/ledger/symptoms.ts](../helpers/ledger/symptoms.ts): change it there.',
    '',
    'A client does not reach a Service. What does that mean, and where do you look next?',
    '',
    markdownTable(
      [
        ['symptom', 'what you see', 'most often'],
        ...symptoms.map(({ name, seen, means }) => [`[${capitalised(cell(name))}](#${anchor(name)})`, cell(seen), cell(means[0] ?? '')]),
      ],
      { alignDelimiters: false, padding: true },
    ),
    '',
    'The causes of each symptom are in the order of how often they are met. The claims below them show it, or show what it does not mean; the suite does not',
    'test firewalls, NetworkPolicies and service meshes. Some causes exist in one mode of kube-proxy only: on a node, `curl -s localhost:10249/proxyMode`',
    'prints the mode.',
    '',
    'In the commands, words in capitals such as SERVICE stand for your own names. NAMESPACE is that of the Service, and CLIENT-NAMESPACE that of the client.',
    'POD-IP and TARGET-PORT are those of a Pod behind the Service. CLIENT-POD is any Pod of the client that has curl and nslookup. Where there is none, start one:',
    '',
    '    kubectl -n CLIENT-NAMESPACE run client --image=curlimages/curl --command -- sleep 3600',
    '',
    ...symptoms.flatMap(section),
  ].join('\n');
}

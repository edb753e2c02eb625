import type { PassageReport } from './format.ts';

/** Returns a command of sh that gives lines to the standard input of a command, or that writes them into a file. */
function here(command: string, lines: readonly string[]): string {
  return [`${command} <<'END'`, ...lines, 'END'].join('\n');
}

/** Returns the commands that save a file and apply it. A Pod is waited for, because the commands after it need its answers. */
function applied(text: string, file: string): string[] {
  const wait = /^kind: Pod$/m.test(text) ? [`kubectl wait --for=condition=Ready --timeout=2m -f ${file}`] : [];
  return [here(`cat > ${file}`, text.split('\n')), `kubectl apply -f ${file}`, ...wait];
}

const debugPod = 'run debug --image=curlimages/curl --restart=Never -i --rm -q -- sh';

/**
 * Returns everything that works in place of what a document prints, as one script for sh: it can be pasted as a whole into a terminal with kubectl. Files are
 * saved and applied first. Commands that belong into a Pod are sent to one. Those for a node are comments. What programs print is left out. The result is empty when there is nothing to paste.
 */
export function pasteInstead(passages: readonly PassageReport[]): string {
  const commandsAt = (wanted: PassageReport['where']) => [
    ...new Set(passages.filter(({ kind, where }) => kind === 'shell' && where === wanted).flatMap(({ text }) => text.split('\n'))),
  ];
  const files = passages.flatMap(({ kind, text, file }) => (kind === 'yaml' && file !== undefined ? applied(text, file) : []));
  const [terminal, pod, elsewhere, node] = [commandsAt('terminal'), commandsAt('Pod'), commandsAt('Pod elsewhere'), commandsAt('node')];
  return [
    ...section('The files. The commands below expect them in the namespace default.', files),
    ...section('What the Service found.', terminal),
    ...section("In a Pod of the Service's namespace.", pod.length === 0 ? [] : [here(`kubectl ${debugPod}`, pod)]),
    ...section(
      'In a Pod of another namespace.',
      elsewhere.length === 0
        ? []
        : ['kubectl create namespace elsewhere', here(`kubectl -n elsewhere ${debugPod}`, elsewhere), 'kubectl delete namespace elsewhere'],
    ),
    ...section(
      'On a node only: remove the # there. On any other machine nothing answers.',
      node.map((line) => `# ${line}`),
    ),
  ].join('\n');
}

function section(comment: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`# ${comment}`, ...lines];
}

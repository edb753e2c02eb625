import { markdownTable } from 'markdown-table';
import { capabilitiesOf, defaultNodePortRange, type Findings } from '../ledger/capabilities.ts';
import type { Claim } from '../ledger/row.ts';
import { cell, code } from './markdown-text.ts';
import { counted, joined } from './words.ts';

/** A k3s that existed before the run, with images from a mirror, where the user has set nothing else. */
const existing: Findings = {
  standIn: false,
  adopted: true,
  version: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  images: { nginx: 'mirror.example/nginx' },
  chosen: { ranges: false, proxyMode: false },
  disabled: [],
  nodes: [
    { ready: true, takesPods: true },
    { ready: true, takesPods: true },
  ],
  k3sArgs: [],
  kubectlVersion: 'v1.36.3',
  refusedPods: {},
  refusedServices: {},
  missingRights: [],
  serviceRanges: ['10.43.0.0/16'],
  nodePortRange: defaultNodePortRange,
  allowed: [],
  statedDefaults: [],
  serviceLBSeen: true,
};

const howTo = [
  '    CONFORMANCE_CONTEXT=my-cluster npm test',
  '',
  'The suite never uses the current context unless you name it. `CONFORMANCE_KUBECONFIG` names the kubeconfig, where kubectl would not find it.',
  'Otherwise the files of `KUBECONFIG` count, as for kubectl. So do `HTTPS_PROXY` and `NO_PROXY`, where the kubeconfig has no `proxy-url`.',
  '',
  '## Rights',
  '',
  '[manifests/rbac.yaml](../manifests/rbac.yaml) has the rights that the account needs, and a ValidatingAdmissionPolicy. With it, the account can create,',
  "change, delete and connect only in the suite's namespaces. It can still read Pods everywhere; the file lists what is left.",
  '',
  'Kubernetes before 1.30 has no such policies. There, the account can delete every namespace and run commands in every Pod.',
  '',
  'As an administrator, create the account and a context for it. The policy confines no other account:',
  '',
  '    kubectl --context=my-cluster apply -f manifests/rbac.yaml',
  '    kubectl config set-credentials conformance --token="$(kubectl --context=my-cluster -n clusterip-conformance create token clusterip-conformance --duration=2h)"',
  `    kubectl config set-context conformance --user=conformance --cluster="$(kubectl config view --minify --context=my-cluster -o jsonpath='{.contexts[0].context.cluster}')"`,
  '    CONFORMANCE_CONTEXT=conformance npm test',
  '',
  'Before the first test, the suite checks the rights. If one is missing that every claim needs, the run ends with a list of them, and with exit status 2.',
  'If an optional one is missing, the claims that need it are unobserved. The machine needs Node and kubectl, and no Docker.',
  '',
  '## What a run does',
  '',
  '- It creates its own namespaces, `clusterip-<run>-…`, labelled `app.kubernetes.io/managed-by=clusterip-conformance`. It removes them, and changes',
  '  nothing else.',
  '- Before the first test, it creates one Pod of each kind, and runs a command in each. Where the cluster does not run ordinary Pods, the run ends with',
  "  the reason. Where it does not run hostNetwork Pods or the lab's Pods, the claims that need them are unobserved.",
  '- It asks the API server by dry runs whether it accepts Services of the types NodePort, LoadBalancer and ExternalName. Where a policy or a quota refuses',
  '  one, the claims that need it are unobserved.',
  '- It tests up to eight claims at the same time. Where the nodes have room for fewer than 80 more Pods, it tests one for every ten free places.',
  "- It runs the lab's commands with this machine's kubectl.",
  '- It sends packets that nothing answers into the network of the cluster only where you allow that. Otherwise such claims are unobserved.',
  '- A probe, like any client, may reach a new Service before kube-proxy has programmed it. The suite repeats it until the answers settle.',
  '',
  '## What the cluster demands',
  '',
  'What a cluster demands of Pods and namespaces, such as labels, tolerations or requests, is set in a file that `CONFORMANCE_PODS` names',
  '([example](../manifests/pods.example.yaml)). For a private registry, set `CONFORMANCE_IMAGES`.',
  '',
  '## Cleaning up',
  '',
  '    CONFORMANCE_CONTEXT=my-cluster npm run clean',
  '',
  'It removes namespaces that a killed run left, and those that you kept on this machine. It lists those that stay: their run still renews its Lease, or',
  'others kept them. A run counts as ended when it has not renewed its Lease for a minute.',
  '',
  '## From inside the cluster',
  '',
  'For a cluster that no kubeconfig reaches: build an image with [manifests/in-cluster/Dockerfile](../manifests/in-cluster/Dockerfile), and run it as a',
  '[Job](../manifests/in-cluster/job.yaml) or a [sonobuoy plugin](../manifests/in-cluster/sonobuoy.yaml). Each file lists its commands, and how to fetch',
  'results.',
  '',
];

/** Returns docs/existing-clusters.md: how to run on an existing cluster, what such a run leaves out, and what makes it observable, for the claims of a ledger. */
export function renderExistingClusters(ledger: Readonly<Record<string, Claim>>): string {
  const entries = Object.entries(ledger);
  const lacking = capabilitiesOf(existing).filter(({ there }) => !there);
  const rows = lacking.flatMap(({ name, why = '', remedy = '' }) => {
    const ids = (beyond: boolean) =>
      entries.flatMap(([id, { needs = [], topic }]) => (needs.includes(name) && (topic !== undefined) === beyond ? [code(id)] : []));
    const lists = [ids(false), ids(true)].map((list) => list.join(' '));
    return lists.join('') === '' ? [] : [[name, ...lists, cell(why), cell(remedy)]];
  });
  const counts = [false, true].flatMap((beyond) => {
    const part = entries.filter(([, { topic }]) => (topic !== undefined) === beyond);
    const unobserved = part.filter(([, { needs = [] }]) => lacking.some(({ name }) => needs.includes(name))).length;
    return part.length === 0 ? [] : [`${unobserved} of the ${counted(part.length, 'claim')} ${beyond ? 'beyond it' : 'of the chapter'}`];
  });
  return [
    '# Running on an existing cluster',
    '',
    '`npm run docs` writes this page. Its table comes from the capabilities in [helpers/ledger/capabilities.ts](../helpers/ledger/capabilities.ts).',
    '',
    ...howTo,
    '## What a run leaves out',
    '',
    'On an existing k3s of two nodes, with the rights of [manifests/rbac.yaml](../manifests/rbac.yaml) and with images from a mirror,',
    `${joined(counts)} are unobserved. Each needs`,
    'a capability that the cluster lacks, or that the run was not allowed to use. A claim in several rows needs all of these.',
    'Unobserved claims do not turn a run red. The report prints the same reasons and remedies. On other clusters more may be missing, such as the right to run',
    'hostNetwork Pods.',
    '',
    markdownTable([['capability', 'of the chapter', 'beyond it', 'why it is missing', 'observable with'], ...rows], {
      alignDelimiters: false,
      padding: true,
    }),
    '',
    '`CONFORMANCE_ALLOW` and `CONFORMANCE_DEFAULTS` are lists, separated by commas. The first one allows what a run does not do by itself on a cluster that',
    'others use. The second one states what no API of the cluster reports. A wrong statement turns claims red.',
    '',
  ].join('\n');
}

import { markdownTable } from 'markdown-table';
import { capabilitiesOf, type Findings } from '../ledger/capabilities.ts';
import type { Claim } from '../ledger/row.ts';
import { cell, code } from './markdown-text.ts';

/** A k3s that existed before the run, with images from a mirror, where the user has set nothing else. */
const existing: Findings = {
  standIn: false,
  adopted: true,
  version: 'v1.36.3+k3s1',
  proxyMode: 'iptables',
  images: { nginx: 'mirror.example/nginx' },
  chosen: { ranges: false, proxyMode: false },
  disabled: [],
  kubectlVersion: 'v1.36.3',
  refusedPods: {},
  missingRights: [],
  serviceRanges: ['10.43.0.0/16'],
  nodePortRange: '30000-32767',
  allowed: [],
  statedDefaults: [],
  serviceLBSeen: true,
};

/** Returns docs/existing-clusters.md: what a run on an existing cluster leaves out, and what makes it observable, for the claims of a ledger. */
export function renderExistingClusters(ledger: Readonly<Record<string, Claim>>): string {
  const lacking = capabilitiesOf(existing).filter(({ there }) => !there);
  const rows = lacking.flatMap(({ name, why = '', remedy = '' }) => {
    const ids = Object.entries(ledger).flatMap(([id, { needs = [] }]) => (needs.includes(name) ? [code(id)] : []));
    return ids.length === 0 ? [] : [[name, ids.join(' '), cell(why), cell(remedy)]];
  });
  const unobserved = Object.values(ledger).filter(({ needs = [] }) => lacking.some(({ name }) => needs.includes(name))).length;
  const all = Object.keys(ledger).length;
  return [
    '# What a run on an existing cluster leaves out',
    '',
    '`npm run docs` writes this page from the capabilities in [helpers/ledger/capabilities.ts](../helpers/ledger/capabilities.ts).',
    '',
    `On an existing k3s with the rights of [manifests/rbac.yaml](../manifests/rbac.yaml) and with images from a mirror, ${unobserved} of ${all} claims are`,
    'unobserved. Each needs a capability that the cluster lacks, or that nobody has allowed. A claim that stands in two rows needs both.',
    'The report prints the same reasons and remedies. On other clusters more may be missing, such as the right to run hostNetwork Pods.',
    '',
    markdownTable([['capability', 'claims', 'why it is missing', 'observable with'], ...rows], { alignDelimiters: false, padding: true }),
    '',
    '`CONFORMANCE_ALLOW` and `CONFORMANCE_DEFAULTS` are lists, separated by commas. The first one allows what a run does not do by itself on a cluster that',
    'others use. The second one states what no API of the cluster tells. A wrong statement turns claims red.',
    '',
  ].join('\n');
}

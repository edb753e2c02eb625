import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import semver from 'semver';
import { parse } from 'yaml';
import { root } from '../base/paths.ts';
import { nightlyVersions } from '../cluster/k3s-versions.ts';
import { profiles } from '../cluster/profiles.ts';
import { exampleReport } from '../report/example.ts';
import type { ClaimReport, Report } from '../report/format.ts';

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly 'timeout-minutes'?: number;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, '.github/workflows');
const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  return { file, text, workflow: parse(text) as Workflow };
});
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ where: `${file}, ${name}`, job })),
);

test.each(workflows)('$file gives no permission except those that its jobs name', ({ workflow }) => {
  expect(workflow.permissions).toEqual({});
});

// Tags can be moved; Dependabot keeps commit and comment together.
test.each(workflows)('$file names every action by its commit, and the version in a comment', ({ text }) => {
  const uses = text.split('\n').filter((line) => line.includes('uses:'));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/^ +(?:- )?uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('every action has one version in all workflows', () => {
  const lines = new Set(workflows.flatMap(({ text }) => text.match(/(?<=uses: ).*/g) ?? []));
  const names = [...lines].map((line) => line.split('@')[0]);
  expect(names.length).toBe(new Set(names).size);
});

describe.each(jobs)('$where', ({ where, job }) => {
  test('has a time limit', () => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  test('may read the repository, a nightly run also earlier reports, and only the job that reports a nightly run may write issues', () => {
    expect(job.permissions).toEqual({
      contents: 'read',
      ...(where === 'nightly.yml, issue' ? { issues: 'write' } : {}),
      ...(where === 'nightly.yml, conformance' ? { actions: 'read' } : {}),
    });
  });

  test('leaves no credentials in the clone', () => {
    const checkouts = job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });

  test('inserts no expression into the text of its commands', () => {
    for (const { run } of job.steps) expect(run ?? '').not.toContain('${{');
  });
});

describe('the nightly run', () => {
  const versions = Object.entries(nightlyVersions());
  const nightly = workflows.find(({ file }) => file === 'nightly.yml')?.workflow.jobs ?? {};

  test.each(versions)('of %s uses a release of that minor', (minor, version) => {
    expect(version).toMatch(/^v\d+\.\d+\.\d+-k3s\d+$/);
    expect(`${semver.major(version)}.${semver.minor(version)}`).toBe(minor);
  });

  test('covers consecutive minors, the oldest first', () => {
    const minors = versions.map(([, version]) => semver.minor(version));
    expect(minors).toEqual(minors.map((_, index) => (minors[0] ?? 0) + index));
    expect(minors.length).toBeGreaterThan(1);
  });

  test('takes its matrix from manifests/nightly and the profiles', () => {
    const command = spawnSync(process.execPath, [join(root, 'helpers/cli/k3s-versions.ts')], { encoding: 'utf8' }).stdout;
    const outputs: Record<string, string> = Object.fromEntries(
      command
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s, 2) as [string, string]),
    );
    expect(JSON.parse(outputs.k3s ?? '')).toEqual(versions.map(([minor, version]) => ({ minor, version })));
    expect(JSON.parse(outputs.profiles ?? '')).toEqual(profiles.map(({ name }) => name).filter((name) => name !== 'previous-minor'));
    const { versions: list, conformance } = nightly;
    expect(list?.steps).toContainEqual({ id: 'list', run: 'npm run --silent k3s:versions >> "$GITHUB_OUTPUT"' });
    // This job has no packages, so the command may load none.
    expect(list?.steps.some(({ run }) => run?.startsWith('npm ci'))).toBe(false);
    expect(list?.outputs).toEqual({ k3s: '${{ steps.list.outputs.k3s }}', profiles: '${{ steps.list.outputs.profiles }}' });
    expect(conformance?.strategy?.matrix).toEqual({
      k3s: '${{ fromJSON(needs.versions.outputs.k3s) }}',
      profile: '${{ fromJSON(needs.versions.outputs.profiles) }}',
    });
    expect(conformance?.env).toEqual({
      CONFORMANCE_K3S_VERSION: '${{ matrix.k3s.version }}',
      CONFORMANCE_PROFILE: '${{ matrix.profile }}',
      MINOR: '${{ matrix.k3s.minor }}',
    });
  });

  // GitHub skips the later steps of a job whose own time is over, and says that it was cancelled.
  test('stops claims that hang before the time of their job is over', () => {
    const { 'timeout-minutes': whole = 0, steps } = nightly.conformance ?? { steps: [] };
    const claims = steps.find(({ run }) => run === 'npm test');
    expect(claims?.['timeout-minutes']).toBeLessThan(whole);
  });

  test('opens an issue for a job that failed or whose time was over, and for a night that changed', () => {
    expect(nightly.issue?.if).toBe(
      "${{ !cancelled() && github.ref == 'refs/heads/main' && (contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled') " +
        "|| needs.compare.outputs.changed == 'true') }}",
    );
  });

  test('keeps an artifact named report only where there is a report, because the next night takes the newest one', () => {
    const [keep] = nightly.conformance?.steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact@')) ?? [];
    expect(keep?.with?.name).toMatch(/^\$\{\{ hashFiles\('artifacts\/report\.json'\) != '' && 'report' \|\| 'evidence' \}\}-/);
  });

  test('shows and keeps what changed although the runs could not be compared', () => {
    const steps = nightly.compare?.steps ?? [];
    const after = steps.slice(steps.findIndex(({ run }) => run?.includes('npm run --silent compare')) + 1);
    expect(after.length).toBeGreaterThan(3);
    for (const step of after) expect(step.if).toMatch(/^\$\{\{ !cancelled\(\)/);
  });

  test('shows what changed in the order of its cells, whatever their order on the disk', () => {
    const place = mkdtempSync(join(tmpdir(), 'changes-'));
    try {
      for (const cell of ['changes-1.37-nftables', 'changes-1.36-default', 'changes-1.37-default']) {
        mkdirSync(join(place, 'changes', cell), { recursive: true });
        writeFileSync(join(place, 'changes', cell, 'changes.md'), `${cell}\n`);
      }
      const { run = '' } = nightly.compare?.steps.find(({ id }) => id === 'changes') ?? {};
      const [summary, output] = [join(place, 'summary'), join(place, 'output')];
      spawnSync('bash', ['-e', '-c', run], { cwd: place, env: { ...process.env, GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output } });
      const inOrder = 'changes-1.36-default\nchanges-1.37-default\nchanges-1.37-nftables\n';
      expect([summary, join(place, 'changes.md'), output].map((file) => readFileSync(file, 'utf8'))).toEqual([
        ...[inOrder, inOrder],
        'changed=true\n',
      ]);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test('looks for a report of every cell of its matrix', () => {
    const list = nightly.compare?.steps.find(({ run }) => run?.startsWith('.ci/nightly-cells "$K3S" "$PROFILES" '));
    expect(list?.env).toEqual({ K3S: '${{ needs.versions.outputs.k3s }}', PROFILES: '${{ needs.versions.outputs.profiles }}' });
  });

  test('lists its matrix without any package', () => {
    const place = mkdtempSync(join(tmpdir(), 'no-packages-'));
    try {
      cpSync(join(root, 'helpers'), join(place, 'helpers'), { recursive: true });
      cpSync(join(root, 'manifests'), join(place, 'manifests'), { recursive: true });
      cpSync(join(root, 'package.json'), join(place, 'package.json'));
      const { status, stdout } = spawnSync(process.execPath, [join(place, 'helpers/cli/k3s-versions.ts')], { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^k3s=\[.+\]\nprofiles=\[.+\]\n$/)]);
    } finally {
      rmSync(place, { recursive: true });
    }
  });
});

const withJq = spawnSync('jq', ['--version']).status === 0 ? test : test.skip;

describe('.ci/nightly-cells', () => {
  const place = mkdtempSync(join(tmpdir(), 'nightly-cells-'));
  afterAll(() => {
    rmSync(place, { recursive: true });
  });
  const green: Report = { ...exampleReport, claims: [], exitStatus: 0 };
  const of = (version: string, profile: string, report: Report): string =>
    JSON.stringify({ ...report, cluster: { ...report.cluster, version, profile } });

  /** Runs the script for two versions with two profiles and these reports, each in a folder of its own. Returns the lines that it printed. */
  function cells(...reports: readonly string[]): string[] {
    const folder = mkdtempSync(join(place, 'reports-'));
    for (const [index, text] of reports.entries()) {
      mkdirSync(join(folder, `${index}`));
      writeFileSync(join(folder, `${index}`, 'report.json'), text);
    }
    const k3s = JSON.stringify([{ minor: '1.9' }, { minor: '1.10' }]);
    const { status, stdout } = spawnSync(join(root, '.ci/nightly-cells'), [k3s, '["default","nftables"]', folder], { encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout.trim().split('\n');
  }
  const others = [of('v1.9.3+k3s1', 'nftables', green), of('v1.10.0+k3s1', 'default', green), of('v1.10.0+k3s1', 'nftables', green)];

  withJq('says when there is nothing to list', () => {
    expect(cells(of('v1.9.3+k3s1', 'default', green), ...others)).toEqual(['Every cell left a report, and no report is red.']);
  });

  withJq('lists cells without a report first, in the order of the matrix', () => {
    expect(cells(of('v1.9.3+k3s1', 'default', exampleReport), of('v1.10.0+k3s1', 'nftables', green))).toEqual([
      '# Red cells',
      '',
      '- 1.9, nftables: no report that can be read. The log of its job shows why.',
      '- 1.10, default: no report that can be read. The log of its job shows why.',
      '- 1.9, default: time-out (drifted), clean-up (broken)',
    ]);
  });

  withJq('counts a report that was cut short as missing', () => {
    const [, , line] = cells(of('v1.9.3+k3s1', 'default', exampleReport).slice(0, 3000), ...others);
    expect(line).toBe('- 1.9, default: no report that can be read. The log of its job shows why.');
  });

  const [claim] = exampleReport.claims as [ClaimReport];
  const drifted = Array.from({ length: 12 }, (_, index): ClaimReport => ({ ...claim, id: `claim-${index}`, outcome: 'drifted' }));
  withJq.each<[string, Partial<Report>, RegExp]>([
    ['a suite file', { errors: ['SyntaxError'] }, /: a suite file that did not run$/],
    ['a claim that should have been observed', {}, /: no claim drifted or broke; its report shows why it is red$/],
    ['many claims', { claims: drifted }, /: claim-0 \(drifted\), .*, claim-9 \(drifted\), 2 more$/],
  ])('names the reason: %s', (_, more, reason) => {
    const [, , line] = cells(of('v1.9.3+k3s1', 'default', { ...green, ...more, exitStatus: 3 }), ...others);
    expect(line).toMatch(reason);
  });

  withJq('lists every cell when no artifact was there to be fetched', () => {
    const { stdout } = spawnSync(join(root, '.ci/nightly-cells'), ['[{"minor":"1.9"}]', '["default"]', join(place, 'none')], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('- 1.9, default: no report');
  });
});

describe('.ci/nightly-issue', () => {
  const place = mkdtempSync(join(tmpdir(), 'nightly-issue-'));
  afterAll(() => {
    rmSync(place, { recursive: true });
  });

  /** Runs the script with a stand-in for gh that lists this open issue. Returns the calls of gh, and the text that it was given. */
  function report(open: string, cells: string, changes: string, comparison: string): { calls: string[]; text: string } {
    const path = (name: string) => join(place, name);
    const [gh, calls, text] = [path('gh'), path('calls'), path('text')];
    writeFileSync(
      gh,
      `#!/bin/bash\nprintf '%s ' "$@" | sed 's/--body-file.*//' >>'${calls}'; echo >>'${calls}'
case "$1 $2" in 'issue list') echo '${open}' ;; 'issue create' | 'issue comment') cp "\${@: -1}" '${text}' ;; esac\n`,
    );
    chmodSync(gh, 0o755);
    writeFileSync(calls, '');
    writeFileSync(path('cells.md'), cells);
    writeFileSync(path('changes.md'), changes);
    writeFileSync(path('comparison.md'), comparison);
    const files = [path('cells.md'), path('changes.md'), path('comparison.md')];
    const { status, stderr } = spawnSync(join(root, '.ci/nightly-issue'), ['https://example.org/runs/1', ...files], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${place}:${process.env.PATH ?? ''}` },
    });
    expect([status, stderr]).toEqual([0, '']);
    return { calls: readFileSync(calls, 'utf8').trim().split('\n'), text: readFileSync(text, 'utf8') };
  }

  test('opens an issue when none is open', () => {
    const { calls, text } = report('', '- red\n', '| new |\n', '| drifted |\n');
    expect(calls).toEqual([
      expect.stringMatching(/^issue list --label nightly --state open /),
      expect.stringMatching(/^label create nightly .*--force/),
      expect.stringMatching(/^issue create --title The nightly run is red or changed --label nightly/),
    ]);
    expect(text).toBe(
      'A nightly run was red, or changed since the last one: https://example.org/runs/1\n\n- red\n\n| new |\n\n| drifted |\n',
    );
  });

  test('comments on the open issue', () => {
    const { calls } = report('7', '', '', '| drifted |\n');
    expect(calls).toEqual([expect.stringMatching(/^issue list /), expect.stringMatching(/^issue comment 7/)]);
  });

  test('says when red cells are not known, when nothing changed, and when nothing could be compared', () => {
    const { text } = report('7', '', '', '');
    expect(text).toContain('There is no list of its red cells');
    expect(text).toContain('No run has another outcome than in its own last night');
    expect(text).toContain('No two of its runs came to a report');
  });

  test('cuts what is too long for GitHub at the end of a line, and says where the whole is', () => {
    const line = `${'ä'.repeat(99)}\n`;
    const { text } = report('7', line.repeat(1000), line.repeat(1000), line.repeat(1000));
    expect(Buffer.byteLength(text)).toBeGreaterThan(50_000);
    expect(Buffer.byteLength(text)).toBeLessThan(65_536);
    const lines = text.split('\n').slice(1);
    expect(lines.filter((it) => it !== '' && `${it}\n` !== line)).toEqual(
      Array(3).fill('Cut here; the whole is in the run\'s artifact "comparison".'),
    );
  });

  test('leaves whole what is short enough', () => {
    expect(report('7', 'x\n'.repeat(4000), 'x\n'.repeat(10_000), '').text).not.toContain('Cut here');
  });
});

describe('.ci/last-report', () => {
  const place = mkdtempSync(join(tmpdir(), 'last-report-'));
  afterAll(() => {
    rmSync(place, { recursive: true });
  });

  interface Night {
    readonly databaseId: number;
    readonly conclusion: string;
  }
  interface Kept {
    readonly expired: boolean;
    readonly created_at: string;
    readonly workflow_run: { readonly id: number; readonly repository_id: number; readonly head_repository_id: number };
  }

  /** Runs the script with a stand-in for gh that lists these nights on main and these artifacts. Returns what it printed, and the downloads. */
  function fetchLast(nights: readonly Night[], artifacts: readonly Kept[]): { output: string; downloads: string } {
    const calls = join(place, 'calls');
    writeFileSync(join(place, 'nights'), JSON.stringify(nights));
    writeFileSync(join(place, 'artifacts'), JSON.stringify({ artifacts }));
    writeFileSync(calls, '');
    // gh filters by jq's language, as jq does.
    writeFileSync(
      join(place, 'gh'),
      `#!/bin/bash
case "$*" in
  'run list --workflow nightly.yml --branch main '*' --json databaseId,conclusion --jq '*) jq -rc "\${@: -1}" '${place}/nights' ;;
  'api repos/example/repository/actions/artifacts?name=report-1.36-default&'*) jq -rc "\${@: -1}" '${place}/artifacts' ;;
  'run download '*) echo "$@" >>'${calls}' ;;
  *) echo "unexpected: gh $*" >&2; exit 1 ;;
esac\n`,
    );
    chmodSync(join(place, 'gh'), 0o755);
    const { status, stdout, stderr } = spawnSync(join(root, '.ci/last-report'), ['report-1.36-default', 'last'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${place}:${process.env.PATH ?? ''}`, GH_REPO: 'example/repository' },
    });
    expect([status, stderr]).toEqual([0, '']);
    return { output: stdout, downloads: readFileSync(calls, 'utf8') };
  }

  const night = (databaseId: number, conclusion: string): Night => ({ databaseId, conclusion });
  // The id of a run is also the day on which it kept its artifact.
  const kept = (id: number, { expired = false, fork = false } = {}): Kept => ({
    expired,
    created_at: `2026-11-0${id}T03:40:00Z`,
    workflow_run: { id, repository_id: 1, head_repository_id: fork ? 2 : 1 },
  });
  const downloaded = (id: number) => ({ output: '', downloads: `run download ${id} --name report-1.36-default --dir last\n` });
  const none = { output: 'no earlier night kept report-1.36-default\n', downloads: '' };

  withJq('fetches the newest report, in whatever order GitHub lists them', () => {
    const nights = [night(5, 'success'), night(7, 'failure'), night(6, 'success')];
    expect(fetchLast(nights, [kept(5), kept(7), kept(6)])).toEqual(downloaded(7));
  });

  withJq.each([
    ['that is going on', night(9, '')],
    ['that was cancelled', night(9, 'cancelled')],
    ['of another workflow or branch', night(8, 'success')],
  ])('fetches no report of a run %s', (_, other) => {
    expect(fetchLast([other, night(5, 'success')], [kept(9), kept(5)])).toEqual(downloaded(5));
  });

  withJq.each([
    ['that GitHub has deleted', { expired: true }],
    ["of a fork's run", { fork: true }],
  ])('fetches no report %s', (_, what) => {
    expect(fetchLast([night(9, 'success'), night(5, 'success')], [kept(9, what), kept(5)])).toEqual(downloaded(5));
  });

  withJq('fetches nothing in the first night', () => {
    expect(fetchLast([night(9, '')], [kept(9)])).toEqual(none);
    expect(fetchLast([], [])).toEqual(none);
  });
});

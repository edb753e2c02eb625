import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadMutants } from './load.ts';
import { breakageOn, mutantProfiles, prelude } from './mutant.ts';

const mutants = Object.entries(await loadMutants());

test.each(mutants)('the scripts of %s are sh', (_, mutant) => {
  const breakages = mutantProfiles.map((profile) => breakageOn(profile, mutant));
  const scripts = new Set(breakages.flatMap((breakage) => ('unfit' in breakage ? [] : [breakage.apply, breakage.mend])));
  for (const script of scripts) expect(spawnSync('sh', ['-n', '-c', `${prelude}\n${script}`], { encoding: 'utf8' }).stderr).toBe('');
});

// The functions that wait are run here with programs of the node that print what a test says.

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'prelude-'));
  program(
    'kubectl',
    'echo "$*" >>"$LOG"; case $* in *leases*) echo "$HEARTBEAT" ;; *"get nodes"*) echo "$NODE" ;; *apply*) cat >>"$LOG" ;; esac',
  );
  program('pgrep', 'case $* in *kube-proxy*) [ -n "$PROXY" ] && echo 7 ;; *) echo 8 ;; esac');
  program('ps', 'echo "  $RUNNING"');
  const trial = `$(sed -n "s/^metadata: { name: \\(settled-[0-9]*\\),.*/\\1/p" "$LOG" | head -1)`;
  program('iptables-save', `echo "-A KUBE-SEP-A -s 192.0.2.1/32 -m comment --comment \\"default/${trial}\\""`);
  program(
    'nft',
    `[ "$*" = "list map ip kube-proxy service-ips" ] && echo "10.43.0.9 . tcp . 8080 : goto service-A-default/${trial}/tcp/ }"`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
const steady = { HEARTBEAT: ago(3), NODE: `True=${ago(60)}`, RUNNING: '60', PROXY: 'yes' };

/** Runs settled once, without repeating what it waits for, and returns its status, its output and the commands of kubectl. */
function settled(state: Partial<typeof steady>, mode = 'iptables') {
  const log = join(folder, 'log');
  writeFileSync(log, '');
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${prelude}\npoll() { "$2" || { echo "waited for $missing"; return 1; }; }\nproxymode() { echo ${mode}; }\nsettled`],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, LOG: log, ...steady, ...state },
    },
  );
  return { status, output: stdout + stderr, log: readFileSync(log, 'utf8') };
}

test.each(['iptables', 'nftables'])(
  'a steady node is settled once kube-proxy has written the rules of a trial Service in %s mode, and deletes it again',
  (mode) => {
    const { status, output, log } = settled({}, mode);
    expect([status, output]).toEqual([0, '']);
    const [, trial = ''] = /name: (settled-\d+)/.exec(log) ?? [];
    expect(log).toContain(`delete service/${trial} endpointslice/${trial}`);
  },
);

test('without kube-proxy the node alone is enough', () => {
  const { status, log } = settled({ PROXY: '' });
  expect(status).toBe(0);
  expect(log).not.toContain('apply');
});

test.each([
  ['a node that is not Ready', { NODE: `False=${ago(60)}` }, 'every node to be Ready for 5 s'],
  // A minute ahead, because these times are taken when the file is loaded.
  ['a node that became Ready just now', { NODE: `True=${ago(-60)}` }, 'every node to be Ready for 5 s'],
  ['one of two nodes that is not Ready', { NODE: `True=${ago(60)}\nUnknown=${ago(60)}` }, 'every node to be Ready for 5 s'],
  ['no node', { NODE: '' }, 'every node to be Ready for 5 s'],
  ['a late heartbeat', { HEARTBEAT: ago(30) }, 'every node to have sent a heartbeat'],
  ['a component that has just started', { RUNNING: '4' }, 'kube-apiserver to have run for 15 s'],
  ['a component that does not run', { RUNNING: '' }, 'kube-apiserver to have run for 15 s'],
])('%s is not settled', (_, state, missing) => {
  const { status, output } = settled(state);
  expect(status).toBe(1);
  expect(output).toContain(`waited for ${missing}`);
});

test('what is waited for is repeated until it succeeds, and named when the time is over', () => {
  const run = (seconds: number) =>
    spawnSync(
      'sh',
      [
        '-c',
        `${prelude}\ntries=0; often() { missing='the third try'; tries=$((tries + 1)); [ $tries -ge 3 ]; }; poll ${seconds} often; echo $tries`,
      ],
      {
        encoding: 'utf8',
      },
    );
  expect(run(30).stdout).toBe('3\n');
  const late = run(0);
  expect([late.status, late.stdout]).toEqual([1, 'waited 0 s for the third try\n']);
});

test.each([
  ['', 'iptables'],
  ['--proxy-mode=iptables --proxy-mode=nftables', 'nftables'],
])('the mode of kube-proxy is its last argument for it: %p is %s', (args, mode) => {
  const command = join(folder, 'kube-proxy.command');
  writeFileSync(command, `kube-proxy --proxy-mode=iptables --v=2 ${args} `);
  const script = `${prelude.replaceAll('/run/stand-in/', `${folder}/`)}\nproxymode`;
  expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe(`${mode}\n`);
});

/** Runs rewrite with a script for sed in place of the node's folders and programs, and returns the folder of the program that it writes. */
function rewrite(mode: string): string {
  const script = prelude
    .replaceAll('/run/stand-in/', `${folder}/`)
    .replaceAll('/usr/local/sbin/', `${folder}/wrapped-`)
    .replaceAll('/usr/sbin/', `${folder}/real-`);
  program('real-nft', 'echo "$*"; cat');
  program('real-iptables-restore', 'echo "$*"; cat');
  const stubs = `proxymode() { echo ${mode}; }\nnewproxy() { :; }\nrewrite 's/one/two/'`;
  expect(spawnSync('sh', ['-c', `${script}\n${stubs}`], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  return folder;
}

test.each([
  ['iptables', 'iptables-restore', ['-w', '5', '--noflush'], '-w 5 --noflush\ntwo\n'],
  ['nftables', 'nft', ['-f', '-'], '-f -\ntwo\n'],
  ['nftables', 'nft', ['--check', '-f', '-'], '--check -f -\none\n'],
  ['nftables', 'nft', ['--json', 'list', 'table', 'ip', 'kube-proxy'], '--json list table ip kube-proxy\none\n'],
])('in %s mode %s %p gets rewritten what kube-proxy writes, and that only', (mode, name, args, output) => {
  expect(spawnSync(join(rewrite(mode), `wrapped-${name}`), args, { encoding: 'utf8', input: 'one\n' }).stdout).toBe(output);
});

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pinnedImages } from '../cluster/settings.ts';
import { exampleReport } from '../report/example.ts';

// Every kind of wrong setting, kubeconfig, context, argument and file, given to the command as npm starts it.

const { nginx } = pinnedImages();
const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
const at = (name: string) => join(folder, name);
const write = (name: string, content: unknown) => {
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
};

// Two API servers that cannot be used: one rejects every account, one never answers.
const stranger = createServer((_, response) => response.writeHead(401, { 'Content-Type': 'application/json' }).end('{}'));
const silent = createServer(() => undefined);
for (const server of [stranger, silent]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const clusters = {
  plain: 'http://127.0.0.1:4',
  nobody: 'http://127.0.0.1:4',
  stranger: urlOf(stranger),
  silent: urlOf(silent),
  noname: 'https://cluster.invalid:6443',
};
const user = (name: string, entry: object) => ({ name, user: entry });
mkdirSync(at('a-folder'));
write('kubeconfig', {
  apiVersion: 'v1',
  kind: 'Config',
  clusters: Object.entries(clusters).map(([name, server]) => ({ name, cluster: { server, 'insecure-skip-tls-verify': name !== 'plain' } })),
  users: [
    user('token', { token: 'secret-token' }),
    user('no-plugin', { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere/login', interactiveMode: 'Never' } }),
    user('slow-plugin', {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: [
          '-c',
          `sleep 1; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"secret-token"}}'`,
        ],
        interactiveMode: 'Never',
      },
    }),
    user('no-certificate', { 'client-certificate': '/nowhere/client.crt', 'client-key': '/nowhere/client.key' }),
  ],
  contexts: [
    ...Object.keys(clusters).map((name) => ({ name, context: { cluster: name, user: 'token' } })),
    { name: 'half', context: { cluster: 'gone', user: 'token' } },
    { name: 'no-user', context: { cluster: 'stranger', user: 'gone' } },
    { name: 'no-plugin', context: { cluster: 'stranger', user: 'no-plugin' } },
    { name: 'slow-plugin', context: { cluster: 'stranger', user: 'slow-plugin' } },
    { name: 'no-certificate', context: { cluster: 'stranger', user: 'no-certificate' } },
  ],
});
write('no.yaml', 'a: [b');
write('empty.yaml', '');
write('none.yaml', 'kind: Config');
write('registries.yaml', 'mirrors: { docker.io: { endpoint: ["https://mirror.example"] } }');
write('same.json', exampleReport);
write('green.json', { ...exampleReport, claims: [] });
mkdirSync(at('green'));
write('green/report.json', { ...exampleReport, claims: [] });
mkdirSync(at('foreign'));
mkdirSync(at('docker'));
write('docker/config.json', '{"auths": ');
for (const name of ['foreign.json', 'foreign/report.json']) write(name, { name: 'jest', testResults: [] });
write('cut.json', JSON.stringify(exampleReport).slice(0, 500));
write('newer.json', { ...exampleReport, format: 3 });
write('no.json', 'PK\u0003\u0004');

interface Wrong {
  readonly what: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A part of the message that must be printed. */
  readonly message: string;
}

const setting = (name: string, value: string, message: string): Wrong => ({
  what: `${name}=${value}`,
  command: ['test'],
  environment: { [`CONFORMANCE_${name}`]: value },
  message,
});
const settings = (what: string, environment: Record<string, string>, message: string): Wrong => ({
  what,
  command: ['test'],
  environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [`CONFORMANCE_${name}`, value])),
  message,
});
const context = (what: string, name: string, message: string, kubeconfig = 'kubeconfig') =>
  settings(what, { KUBECONFIG: at(kubeconfig), CONTEXT: name }, message);
const argument = (what: string, command: string, message: string, environment: Record<string, string> = {}): Wrong => ({
  what,
  command: command.split(' '),
  message,
  environment,
});
const report = (what: string, file: string, message: string): Wrong[] =>
  ['report', 'lesson', 'compare same.json'].map((command) => argument(`${command} of ${what}`, `${command} ${file}`, message));

const table: Wrong[] = [
  argument('a Docker configuration that is cut', 'test', "Docker's configuration in", { DOCKER_CONFIG: at('docker') }),
  setting('K3S_VERSION', '', 'is a k3s release'),
  setting('K3S_VERSION', 'latest', 'is a k3s release'),
  setting('K3S_VERSION', 'v1.36', 'is a k3s release'),
  setting('K3S_VERSION', 'v1.36.3', 'is a k3s release'),
  setting('K3S_VERSION', '1.36.3-k3s1', 'is a k3s release'),
  setting('K3S_IMAGE', '', 'is an image with its tag'),
  setting('K3S_IMAGE', 'rancher/k3s', 'is an image with its tag'),
  setting('K3S_IMAGE', 'registry.example:5000/rancher/k3s', 'is an image with its tag'),
  setting('K3S_IMAGE', 'rancher/k3s:v1.36.3-k3s1 --privileged', 'is an image with its tag'),
  setting('K3S_ARGS', 'disable=servicelb', 'is a list of arguments for `k3s server`'),
  setting('K3S_ARGS', '--debug servicelb', 'The word servicelb is not one of these'),
  setting('K3S_ARGS', '--disable=', 'has --disable without a value'),
  setting('K3S_ARGS', '--disable --debug', 'has --disable without a value'),
  setting('K3S_ARGS', '--selinux=yes', '--selinux is a switch: it is true or false'),
  setting('K3S_ARGS', '--kubelet-arg="v=2"', 'has quotes in --kubelet-arg="v=2"'),
  setting('K3S_ARGS', '--service-cidr=2001:db8::/112', 'needs an IPv4 range for Services and one for Pods'),
  setting('K3S_ARGS', '--cluster-cidr=300.1.0.0/16', 'has a range that is not written like'),
  setting('K3S_ARGS', '--kube-apiserver-arg=service-cluster-ip-range=2001:db8::/112', 'needs an IPv4 range for Services and one for Pods'),
  setting('K3S_ARGS', '--flannel-backend=none', 'the node never becomes Ready'),
  setting('K3S_ARGS', '--disable-agent', '--disable-agent cannot be used'),
  setting('K3S_ARGS', '--service-cidr 10.42.0.0/17', 'overlap'),
  setting('REGISTRIES', '', 'is a registries.yaml of k3s'),
  setting('REGISTRIES', at('nowhere.yaml'), 'cannot be read'),
  setting('REGISTRIES', at('a-folder'), 'cannot be read'),
  setting('REGISTRIES', at('no.yaml'), 'is not YAML'),
  setting('REGISTRIES', at('empty.yaml'), 'is not a registries.yaml'),
  setting('REGISTRIES', at('kubeconfig'), 'is not a registries.yaml'),
  settings(
    'a context and a registries.yaml',
    { CONTEXT: 'prod', REGISTRIES: at('registries.yaml') },
    'CONFORMANCE_REGISTRIES would start one',
  ),
  {
    what: 'a proxy that is no address',
    command: ['test'],
    environment: { HTTPS_PROXY: 'http://user:secret-token@:' },
    message: 'HTTPS_PROXY is not the address of a proxy',
  },
  setting('IMAGES', 'mirror.example/nginx', 'is a list of IMAGE=REPLACEMENT pairs'),
  setting('IMAGES', `${nginx}=`, 'is a list of IMAGE=REPLACEMENT pairs'),
  setting('IMAGES', `${nginx}=one=two`, 'is a list of IMAGE=REPLACEMENT pairs'),
  setting('IMAGES', 'busybox:1.37=mirror.example/busybox:1.37', `which the suite does not use. It uses`),
  setting('PODS', '', 'is a YAML file'),
  setting('PODS', '/no/such.yaml', 'cannot be read'),
  settings('a file of CONFORMANCE_PODS that is no YAML', { PODS: at('no.yaml') }, 'is not YAML'),
  settings('a file of CONFORMANCE_PODS with an unknown setting', { PODS: at('none.yaml') }, 'kind: no such setting'),
  setting('KEEP', '', 'is 0 or 1'),
  setting('KEEP', 'yes', 'is 0 or 1'),
  setting('TIMEOUT_MULTIPLIER', '', 'is at least 0.2'),
  setting('TIMEOUT_MULTIPLIER', 'slow', 'is a number such as 2'),
  setting('TIMEOUT_MULTIPLIER', '0.1', 'is at least 0.2'),
  setting('TIMEOUT_MULTIPLIER', '21', 'is at most 20'),
  setting('ARTIFACTS', '', 'is a folder'),
  setting('ARTIFACTS', at('kubeconfig'), 'Nothing can be written to'),
  setting('ARTIFACTS', at('kubeconfig/artifacts'), 'Nothing can be written to'),
  setting('CONTEXT', '', 'is the name of a context'),
  setting('KUBECONFIG', '', 'is a kubeconfig file'),
  setting('KUBECONFIG', '/etc/prod.yaml', 'kubectl --kubeconfig=/etc/prod.yaml config get-contexts lists them'),
  setting('K3S_VERSON', 'v1.36.3-k3s1', 'CONFORMANCE_K3S_VERSON: no such setting. There are CONFORMANCE_K3S_VERSION, '),
  settings('two settings', { KEEP: 'yes', QUIET: '1' }, 'CONFORMANCE_KEEP=yes: is 0 or 1\nCONFORMANCE_QUIET: no such setting.'),
  setting('PROFILE', 'ipvs', 'is not a profile. There are default, nftables, two-nodes, '),
  setting('PROFILE', '', 'is not a profile'),
  settings(
    'an argument that the profile has',
    { PROFILE: 'nftables', K3S_ARGS: '--kube-proxy-arg=proxy-mode=iptables' },
    'CONFORMANCE_K3S_ARGS sets --kube-proxy-arg=proxy-mode, and so does the profile nftables',
  ),
  settings(
    'a profile that chooses the image, and an image',
    { PROFILE: 'previous-minor', K3S_VERSION: 'v1.36.3-k3s1' },
    'The profile previous-minor chooses the node image',
  ),
  settings('a context and a profile', { CONTEXT: 'prod', PROFILE: 'nftables' }, 'CONFORMANCE_PROFILE would start one'),
  settings('image and version', { K3S_IMAGE: 'rancher/k3s:v1', K3S_VERSION: 'v1.36.3-k3s1' }, 'both name the node image'),
  ...['VERSION=v1.36.3-k3s1', 'IMAGE=rancher/k3s:v1', 'ARGS=--a=b'].map((other) => {
    const [name = '', value = ''] = other.split(/=(.*)/s);
    return settings(`a context and K3S_${other}`, { CONTEXT: 'prod', [`K3S_${name}`]: value }, `CONFORMANCE_K3S_${name} would start one`);
  }),

  context('no kubeconfig file', 'here', `there is no file ${at('nowhere')}`, 'nowhere'),
  context('a folder for a kubeconfig', 'here', 'cannot be read as a kubeconfig', 'a-folder'),
  context('a kubeconfig that is no YAML', 'here', 'cannot be read as a kubeconfig', 'no.yaml'),
  context('an empty kubeconfig', 'here', 'cannot be read as a kubeconfig', 'empty.yaml'),
  context('a kubeconfig without contexts', 'here', 'no such context. It has none at all.', 'none.yaml'),
  context('an unknown context', 'here', 'has no such context. It has plain, nobody, stranger, silent'),
  context('a context without its cluster', 'half', 'names a cluster that its kubeconfig does not have'),
  context('a context without its user', 'no-user', '401 Unauthorized'),
  context('a plugin that is not installed', 'no-plugin', '/nowhere/login'),
  // The plugin takes longer than an API server has for its answer; so it is the answer that is reported, and not the time.
  settings(
    'a plugin that takes longer than an answer may',
    { KUBECONFIG: at('kubeconfig'), CONTEXT: 'slow-plugin', TIMEOUT_MULTIPLIER: '0.2' },
    '401 Unauthorized',
  ),
  context('a certificate that is not there', 'no-certificate', '/nowhere/client'),
  context('a server without TLS', 'plain', 'HTTP protocol is not allowed'),
  context('a server that does not listen', 'nobody', 'ECONNREFUSED'),
  context('a server whose name is unknown', 'noname', 'cluster.invalid'),
  context('a server that rejects the account', 'stranger', '401 Unauthorized'),
  context('a server that never answers', 'silent', 'no answer within 3000 ms'),
  {
    what: 'no kubeconfig where kubectl finds it',
    command: ['test'],
    environment: { CONFORMANCE_CONTEXT: 'here', HOME: at('a-folder'), KUBECONFIG: '' },
    message: 'your kubeconfig has no such context',
  },
  {
    what: 'an engine that does not answer',
    command: ['test'],
    environment: { DOCKER_HOST: 'tcp://127.0.0.1:4' },
    message: 'No container engine answers',
  },

  argument('an unknown topic', 'test dnss', 'No topic matches dnss. There are address, '),
  argument('an unknown topic beside a known one', 'test dns portt', 'No topic matches portt'),
  argument('an unknown claim', 'test -t no-pods-timeout', 'No claim matches no-pods-timeout'),
  argument('a claim of another topic', 'test dns -t no-pods-time-out', 'No claim of dns matches no-pods-time-out'),
  argument('an invalid pattern', 'test -t (', '-t (: Invalid regular expression'),
  argument('-t without a pattern', 'test -t', "Option '-t, --testNamePattern <value>' argument missing"),
  argument('an unknown option', 'test --watch', "Unknown option '--watch'"),
  argument('--failed and -t', 'test --failed -t dns', '--failed and -t both name claims'),
  argument('--failed after no run', 'test --failed', 'The last run left no red claim', { CONFORMANCE_ARTIFACTS: at('a-folder') }),
  argument('--failed after a green run', 'test --failed', 'The last run left no red claim', { CONFORMANCE_ARTIFACTS: at('green') }),
  argument('--failed after a foreign report', 'test --failed', 'is no report of this suite', { CONFORMANCE_ARTIFACTS: at('foreign') }),
  argument('an unknown option for the list of claims', 'claims --titles', "Unknown option '--titles'"),
  argument('a claim for the list of claims', 'claims dns', 'npm run claims -- [--checks]'),
  argument('no verb for a cluster', 'cluster', 'Use npm run cluster, '),
  argument('an unknown verb for a cluster', 'cluster restart', 'Use npm run cluster, '),
  argument('a cluster to start, and a context', 'cluster start', 'unset CONFORMANCE_CONTEXT', { CONFORMANCE_CONTEXT: 'prod' }),
  argument('cleaning on an unknown context', 'cluster clean', 'has no such context', {
    CONFORMANCE_CONTEXT: 'here',
    CONFORMANCE_KUBECONFIG: at('kubeconfig'),
  }),
  argument('cleaning with an option', 'cluster clean --dry-run', "Unknown option '--dry-run'"),
  argument('cleaning with an argument', 'cluster clean everything', 'without arguments'),
  argument('stopping on a context', 'cluster stop', 'unset CONFORMANCE_CONTEXT', { CONFORMANCE_CONTEXT: 'prod' }),
  argument('mutants on a context', 'mutants', 'unset CONFORMANCE_CONTEXT', { CONFORMANCE_CONTEXT: 'prod' }),
  argument('steady on a context', 'steady', 'unset CONFORMANCE_CONTEXT', { CONFORMANCE_CONTEXT: 'prod' }),
  argument('images without a verb', 'images', 'npm run images -- save FILE'),
  argument('images without a file', 'images save', 'npm run images -- save FILE'),
  argument('images with an option', 'images save a.tar --force', "Unknown option '--force'"),
  argument('documents to draw', 'docs errata', 'This command takes no errata. npm run docs writes'),
  argument('an option for the documents', 'docs --check', "Unknown option '--check'"),
  argument('a version to list', 'k3s-versions v1.36', 'npm run k3s:versions prints'),
  argument('a workflow to check', 'lint-workflows ci.yml', 'npm run lint:workflows checks'),
  argument('images of two files', 'images load a.tar b.tar', 'npm run images -- save FILE'),
  argument('images into no folder', 'images save nowhere/images.tar', 'There is no folder'),
  argument('images of no file', 'images load nowhere.tar', 'There is no file nowhere.tar'),
  argument('images into a folder', 'images save a-folder', 'a-folder is a folder'),
  argument('an unknown profile', 'profiles ipvs', 'There is no profile ipvs. There are default, nftables, two-nodes, '),
  argument('no claim that the profile is for', 'test -t ^bare-url:', 'The profile small-range is for stable-virtual-ip, ', {
    CONFORMANCE_PROFILE: 'small-range',
  }),
  argument('a profile named twice', 'profiles default default', 'The profile default is named twice'),
  argument('profiles on a context', 'profiles default nftables', 'unset CONFORMANCE_CONTEXT', { CONFORMANCE_CONTEXT: 'prod' }),
  argument('no name for a claim', 'new-claim', 'npm run new-claim -- ID TOPIC'),
  argument('a claim without a topic', 'new-claim hairpin', 'npm run new-claim -- ID TOPIC'),
  argument('an id in capitals', 'new-claim Hairpin ports', 'Hairpin is no name in lower case'),
  argument('an id that is a path', 'new-claim hairpin ../ports', '../ports is no name in lower case'),
  argument('a topic that both parts have', 'new-claim hairpin ports', 'say chapter/ports or beyond/ports'),
  argument('a topic whose file has no claims', 'new-claim hairpin beyond/pages', 'beyond/pages.ts cannot hold claims'),
  argument('no report to record', 'observed', 'npm run observed -- REPORT.json'),
  argument('an id that is taken', 'new-claim bare-url ports', 'The ledger has a claim bare-url already'),
  argument('an unknown topic', 'bench 1 dnss', 'No topic matches dnss'),
  argument('no number of runs', 'bench many', 'N is a whole number from 1'),
  argument('no run at all', 'bench 0', 'N is a whole number from 1'),
  argument('two numbers of runs', 'bench 1 2', 'No topic matches 2'),
  argument('half a run', 'steady 1.5', 'npm run steady -- N'),
  argument('an unknown condition', 'steady 1 --only=noisy', 'fresh (a new cluster each time), quiet, busy'),
  argument('an unknown option', 'steady --all', "Unknown option '--all'"),
  argument('an unknown mutant', 'mutants reject-becomes-nothing', 'There is no mutant reject-becomes-nothing. There are '),
  argument('a mutant of two nodes on one', 'mutants second-node-route-gone', 'It needs a cluster of CONFORMANCE_PROFILE=two-nodes'),
  argument('a mutant of one node on two', 'mutants proxy-gone', 'It needs a cluster of CONFORMANCE_PROFILE=default', {
    CONFORMANCE_PROFILE: 'two-nodes',
  }),

  ...report('no file', 'nowhere.json', 'nowhere.json does not exist'),
  ...report('a file that is cut short', 'cut.json', 'cut.json is not JSON from beginning to end: it was cut short'),
  ...report('a file of another program', 'foreign.json', 'foreign.json is no report of this suite'),
  ...report('a file of a newer format', 'newer.json', 'newer.json is of format 3'),
  ...report('a file that is no JSON', 'no.json', 'no.json is not JSON'),
  ...report('a folder', 'a-folder', 'a-folder cannot be read'),
  ...['report', 'lesson'].flatMap((command) => [
    argument(`${command} of two files`, `${command} same.json green.json`, `npm run ${command} -- [report.json] takes one file`),
    argument(`${command} with an option`, `${command} --html`, `npm run ${command} -- [report.json] takes one file`),
  ]),
  argument('compare of no file', 'compare', 'npm run compare -- A.json B.json'),
  argument('compare of one file', 'compare same.json', 'npm run compare -- A.json B.json'),
  argument('compare of a file named twice', 'compare same.json ./same.json', './same.json is named twice'),
  argument('compare with an unknown option', 'compare same.json green.json --html', "Unknown option '--html'"),
  argument('compare with half an option', 'compare same.json green.json --output', "'--output <value>'"),
  argument('compare over a report', 'compare same.json green.json --output ./same.json', 'would overwrite a report'),
  argument('compare into no folder', 'compare same.json green.json --output no/where.md', '--output no/where.md cannot be written'),
];

interface Result {
  readonly status: number | null;
  readonly output: string;
  readonly ms: number;
}

function resultOf({ command: [name = '', ...args], environment }: Wrong): Promise<Result> {
  const ours = Object.entries(process.env).filter(([variable]) => !variable.startsWith('CONFORMANCE_'));
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', join(import.meta.dirname, 'node-version.mjs'), join(import.meta.dirname, `${name}.ts`), ...args],
    {
      cwd: folder,
      env: { ...Object.fromEntries(ours), CONFORMANCE_ARTIFACTS: at('artifacts'), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A command that accepts the wrong input goes on.
      timeout: 10_000,
      killSignal: 'SIGKILL',
    },
  );
  let output = '';
  // Lines of progress are not part of the message.
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) =>
    child.on('close', (status) => {
      resolve({ status, output, ms: performance.now() - began });
    }),
  );
}

const results = new Map<Wrong, Result>();

beforeAll(async () => {
  const left = [...table];
  const runAll = async () => {
    for (let wrong = left.shift(); wrong !== undefined; wrong = left.shift()) results.set(wrong, await resultOf(wrong));
  };
  // Half of the processors: other specs run at the same time, and the time of each command is tested.
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(availableParallelism() / 2)) }, runAll));
}, 600_000);

afterAll(() => {
  for (const server of [stranger, silent]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

test.each(table.map((wrong) => [wrong.command[0], wrong.what, wrong] as const))(
  '%s, %s: one paragraph, exit status 2, within 5 s',
  (_, __, wrong) => {
    const { status, output, ms } = results.get(wrong) ?? { status: null, output: '', ms: 0 };
    expect(output).toContain(wrong.message);
    expect(status).toBe(2);
    expect(output.trim()).not.toMatch(/\n\s*\n/);
    expect(output).not.toMatch(/\n {4}at |secret-token/);
    expect(ms).toBeLessThan(5_000);
  },
);

// Explains the lines of `evidence.rules`. kube-proxy writes them in few forms (pkg/proxy/iptables/proxier.go and pkg/proxy/nftables/proxier.go in
// kubernetes/kubernetes). A line with anything else in it gets no explanation, because half of one would mislead.

/** A line of the kernel's rules, with an explanation where its form is known. */
export interface ExplainedRule {
  readonly line: string;
  /** The chain of the line; undefined for an element of a map, which comes before all chains. */
  readonly chain?: string;
  readonly explanation?: string;
}

/** What the explanation of a line takes from other lines. */
export interface RuleContext {
  /** Where the chain of an endpoint sends a packet, such as 10.42.0.4:80, by the name of the chain. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Names of Pods by their address. */
  readonly pods?: Readonly<Record<string, string>>;
  /** The share of the connections that reach this rule of its chain, 0 to 1. Default 1. */
  readonly left?: number;
}

const masquerade =
  "are marked for masquerading: they leave with the node's address as their source, so that the answers return through the node";

/** Returns a share of the connections in words: 0.3333 is "1 in 3 (33.3 %)". */
export function shareText(share: number): string {
  const percent = `${(share * 100).toFixed(1)} %`;
  if (share > 0.99999) return 'all';
  const parts = Math.round(1 / share);
  return Math.abs(share - 1 / parts) < 1e-4 ? `1 in ${parts} (${percent})` : percent;
}

function destination(chainOrAddress: string, { endpoints = {}, pods = {} }: RuleContext): string {
  const address = endpoints[chainOrAddress] ?? chainOrAddress;
  const pod = pods[address.replace(/:\d+$/, '')];
  return pod === undefined ? address : `${address} (Pod ${pod})`;
}

// ---- iptables

type Options = Readonly<Record<string, string>>;

const flags = ['--rcheck', '--reap', '--set', '--rsource'];
const withValue = [
  ...['-A', '-s', '! -s', '-d', '-p', '-m', '-j', '--dport', '--comment', '--mode', '--probability', '--seconds', '--name', '--mask'],
  ...['--src-type', '--dst-type', '--to-destination', '--reject-with', '--set-xmark'],
];

const matches = ['comment', 'tcp', 'udp', 'sctp', 'statistic', 'recent', 'addrtype'];

/** Returns the options of a line of `iptables-save`; undefined when one of them is unknown. */
function optionsOf(line: string): Options | undefined {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const options: Record<string, string> = {};
  for (let index = 0; index < words.length; index++) {
    const name = words[index] === '!' ? `! ${words[++index] ?? ''}` : (words[index] ?? '');
    if (flags.includes(name)) options[name] = '';
    else if (withValue.includes(name)) options[name] = words[++index] ?? '';
    else return undefined;
    if (name === '-m' && !matches.includes(options[name])) return undefined;
  }
  return options;
}

/** Returns whether a line has these options, and besides them only options without a meaning of their own. */
function has(options: Options, ...names: string[]): boolean {
  const meaningless = ['-A', '-j', '-m', '--comment', '--mode', '--reap', '--rsource', '--name', '--mask'];
  return names.every((name) => name in options) && Object.keys(options).every((name) => names.includes(name) || meaningless.includes(name));
}

/** Returns the destination of a line, such as `10.43.1.2, TCP port 8080`. */
function target(options: Options): string {
  const port = `${(options['-p'] ?? '').toUpperCase()} port ${options['--dport'] ?? ''}`;
  return options['-d'] === undefined ? port : `${options['-d'].replace(/\/32$/, '')}, ${port}`;
}

const chains: readonly (readonly [RegExp, string])[] = [
  [/^KUBE-SVC-/, "the Service's chain, with all its endpoints"],
  [/^KUBE-SVL-/, "the Service's chain with the endpoints of this node alone"],
  [/^KUBE-EXT-/, 'the chain for packets from outside the cluster'],
  [/^KUBE-FW-/, 'the chain that admits only the sources that the LoadBalancer allows'],
  [/^KUBE-SEP-/, 'the chain of one endpoint'],
  // nftables: a hash follows, which distinguishes a Service's chains from those of kube-proxy itself.
  [/^service-[A-Z0-9]{8}-/, "the Service's chain"],
  [/^external-[A-Z0-9]{8}-/, 'the chain for packets from outside the cluster'],
  [/^firewall-[A-Z0-9]{8}-/, 'the chain that admits only the sources that the LoadBalancer allows'],
  [/^endpoint-[A-Z0-9]{8}-/, 'the chain of one endpoint'],
];

function meaningOf(chain: string): string | undefined {
  return chains.find(([name]) => name.test(chain))?.[1];
}

function towards(chain: string): string | undefined {
  const meaning = meaningOf(chain);
  return meaning === undefined ? undefined : `continue in ${meaning}`;
}

function explainIptables(line: string, context: RuleContext): string | undefined {
  const options = optionsOf(line);
  if (options === undefined) return undefined;
  const { '-A': chain = '', '-j': jump = '', '--comment': comment = '' } = options;
  const to = ['-d', '-p', '--dport'];

  if (jump === 'KUBE-MARK-MASQ') {
    if (has(options, '! -s', ...to)) return `Packets to ${target(options)}, from anywhere but ${options['! -s']} ${masquerade}.`;
    if (has(options, ...to)) return `Packets to ${target(options)} ${masquerade}.`;
    if (chain.startsWith('KUBE-SEP-') && has(options, '-s'))
      return 'Packets from the endpoint to itself are marked for masquerading too. Otherwise it would answer itself directly, past the Service.';
    if (has(options, '--src-type') && options['--src-type'] === 'LOCAL') return `Packets from the node itself ${masquerade}.`;
    if (chain.startsWith('KUBE-EXT-') && has(options)) return `Packets from outside the cluster ${masquerade}.`;
    return undefined;
  }
  if (jump === 'REJECT' || jump === 'DROP') {
    const kinds = jump === 'REJECT' ? ['--reject-with'] : [];
    const local = has(options, '--dst-type', '-p', '--dport', ...kinds) && options['--dst-type'] === 'LOCAL';
    if (!local && !has(options, ...to, ...kinds)) return undefined;
    const why = /has no (local )?endpoints$/.exec(comment);
    const reason =
      why === null
        ? ''
        : why[1] === undefined
          ? ', since the Service has no endpoints'
          : ', since the Service has no endpoints on this node';
    const what = `Packets to ${local ? `an address of the node, ${target(options)}` : target(options)}`;
    return jump === 'REJECT' ? `${what}, are refused at once${reason}.` : `${what}, are dropped without an answer${reason}.`;
  }
  if (jump === 'DNAT') {
    const remembers = '--set' in options;
    if (!has(options, '-p', '--to-destination', ...(remembers ? ['--set'] : []))) return undefined;
    return `The destination is rewritten to ${destination(options['--to-destination'] ?? '', context)}${remembers ? ', and the client is remembered for session affinity' : ''}.`;
  }
  if (jump === 'MARK' && chain === 'KUBE-MARK-MASQ' && has(options, '--set-xmark')) return `Packets that reach this rule ${masquerade}.`;
  if (jump === 'KUBE-NODEPORTS' && has(options, '--dst-type') && options['--dst-type'] === 'LOCAL')
    return 'Packets to an address of the node itself are looked up among the node ports.';
  if (jump.startsWith('KUBE-SEP-')) {
    const there = destination(jump, context);
    if (has(options, '--rcheck', '--seconds'))
      return `A client that was sent to ${there} within the last ${options['--seconds']} s goes there again (session affinity).`;
    const left = context.left ?? 1;
    if (has(options, '--probability')) {
      const probability = Number(options['--probability']);
      const ofTheRest = left > 0.99999 ? '' : `, ${shareText(probability)} of the rest`;
      return `A random draw sends connections to ${there}: ${shareText(probability * left)} of all${ofTheRest}.`;
    }
    if (has(options))
      return left > 0.99999 ? `Every connection goes to ${there}.` : `All other connections go to ${there}: ${shareText(left)} of all.`;
    return undefined;
  }
  const onwards = towards(jump);
  if (onwards === undefined) return undefined;
  if (has(options, ...to)) return `Packets to ${target(options)}, ${onwards}.`;
  if (chain === 'KUBE-NODEPORTS' && has(options, '-p', '--dport')) return `Packets to a node's address, ${target(options)}, ${onwards}.`;
  if (has(options, '--src-type') && options['--src-type'] === 'LOCAL') return `Packets from the node itself ${onwards}.`;
  if (has(options, '-s')) return `Packets from ${options['-s']} ${onwards}.`;
  if (has(options)) return `Packets that reach this rule ${onwards}.`;
  return undefined;
}

// ---- nftables

/** Returns a draw among `mod` numbers in words: of 2, `{ 0 : goto a, 1 : goto b }` is `a gets 1 in 2 (50.0 %), b gets 1 in 2 (50.0 %)`. */
function drawn(mod: number, elements: string, context: RuleContext): string | undefined {
  const numbers = new Map<string, number>();
  for (const element of elements.split(',')) {
    const to = /^\s*\d+ : (?:goto (\S+)|(\S+) \. (\d+))\s*$/.exec(element);
    if (to === null) return undefined;
    const there = to[1] ?? `${to[2]}:${to[3]}`;
    numbers.set(there, (numbers.get(there) ?? 0) + 1);
  }
  return [...numbers].map(([there, count]) => `${destination(there, context)} gets ${shareText(count / mod)}`).join(', ');
}

/** Chains of kube-proxy itself, which belong to no Service. */
const ownChains: Readonly<Record<string, string>> = {
  'reject-chain': 'The chain that refuses packets.',
  'cluster-ips-check': 'The chain for packets to a ClusterIP that no Service has matched: to a port that it does not list.',
};

type Form = readonly [RegExp, (match: readonly string[], context: RuleContext) => string | undefined];

const draws = 'For each new connection a number is drawn at random';
const mark = String.raw`meta mark set (?:meta )?mark (?:or|\|) 0x\w+(?: comment ".*")?`;

const nftablesForms: readonly Form[] = [
  [
    /^(\S+) \. (\w+) \. (\d+)(?: comment ".*")? : (.+)$/,
    ([, address, protocol, port, verdict]) => verdictOf(`${address}, ${protocol?.toUpperCase()} port ${port}`, verdict),
  ],
  [
    /^(tcp|udp|sctp) \. (\d+)(?: comment ".*")? : (.+)$/,
    ([, protocol, port, verdict]) => verdictOf(`a node's address, ${protocol?.toUpperCase()} port ${port}`, verdict),
  ],
  [/^chain (\S+) \{$/, ([, chain = '']) => ownChains[chain] ?? begins(chain)],
  [/^comment ".*"$/, () => 'A comment of kube-proxy on this chain. It has no effect.'],
  [/^reject(?: with icmp port-unreachable)?$/, () => 'Packets that reach this rule are refused at once.'],
  [
    /^ip daddr @cluster-ips reject(?: with icmp port-unreachable)?(?: comment ".*")?$/,
    () => 'Packets to a ClusterIP that reach this rule are refused at once.',
  ],
  [
    /^ip daddr (?:\{ )?(\d[\d./, ]*\d)(?: \})? drop(?: comment ".*")?$/,
    ([, ranges]) => `Packets to any other address of ${ranges} are dropped without an answer.`,
  ],
  [/^drop$/, () => 'Packets that reach this rule are dropped without an answer.'],
  [/^ip saddr != \{ (.+) \} drop$/, ([, sources]) => `Packets from anywhere but ${sources} are dropped without an answer.`],
  [
    /^ip saddr @affinity-\S+ goto (\S+)$/,
    ([, chain = ''], context) => `A client that was recently sent to ${destination(chain, context)} goes there again (session affinity).`,
  ],
  [
    /^update @affinity-\S+ \{ ip saddr(?: timeout \w+)? \}$/,
    () => 'The client is remembered for session affinity, and its time-out starts again.',
  ],
  [
    /^numgen random mod (\d+) vmap \{ (.+) \}$/,
    ([, mod, elements = ''], context) => sentence(draws, drawn(Number(mod), elements, context)),
  ],
  [
    /^meta l4proto \w+ dnat ip (?:addr \. port )?to numgen random mod (\d+) map \{ (.+) \}$/,
    ([, mod, elements = ''], context) => sentence(`${draws} and the destination is rewritten`, drawn(Number(mod), elements, context)),
  ],
  [
    /^meta l4proto \w+ dnat (?:ip )?to (\S+:\d+)$/,
    ([, address = ''], context) => `The destination is rewritten to ${destination(address, context)}.`,
  ],
  [new RegExp(`^${mark}$`), () => `Packets that reach this rule ${masquerade}.`],
  [new RegExp(`^fib saddr type local ${mark}$`), () => `Packets from the node itself ${masquerade}.`],
  [/^fib saddr type local goto (\S+)(?: comment ".*")?$/, ([, chain = '']) => sentenceOf('Packets from the node itself', towards(chain))],
  [/^ip saddr (\d\S+) goto (\S+)(?: comment ".*")?$/, ([, source, chain = '']) => sentenceOf(`Packets from ${source}`, towards(chain))],
  [/^goto (\S+)$/, ([, chain = '']) => sentenceOf('Packets that reach this rule', towards(chain))],
];

function sentence(opening: string, rest: string | undefined): string | undefined {
  return rest === undefined ? undefined : `${opening}: ${rest}.`;
}

function sentenceOf(subject: string, predicate: string | undefined): string | undefined {
  return predicate === undefined ? undefined : `${subject} ${predicate}.`;
}

function begins(chain: string): string | undefined {
  const meaning = meaningOf(chain);
  return meaning === undefined ? undefined : `Start of ${meaning}.`;
}

function verdictOf(where: string, verdict = ''): string | undefined {
  if (verdict === 'drop') return `Packets to ${where}, are dropped without an answer, since the Service has no endpoints on this node.`;
  if (verdict === 'goto reject-chain') return `Packets to ${where}, are refused at once, since the Service has no endpoints.`;
  return sentenceOf(`Packets to ${where},`, towards(/^goto (\S+)$/.exec(verdict)?.[1] ?? ''));
}

function explainNftables(line: string, context: RuleContext): string | undefined {
  for (const [form, explain] of nftablesForms) {
    const match = form.exec(line);
    if (match !== null) return explain(match, context);
  }
  return undefined;
}

// ---- both

/** Explains one line of `iptables-save` or of `nft list table ip kube-proxy`. Returns undefined when its form is unknown. */
export function explainRule(line: string, context: RuleContext = {}): string | undefined {
  return line.startsWith('-A ') ? explainIptables(line, context) : explainNftables(line, context);
}

function chainOf(line: string): string | undefined {
  return /^(?:-A|chain) (\S+)/.exec(line)?.[1];
}

/**
 * Explains the rules of a Service, chain by chain in the order in which a packet may reach them.
 * `pods` are the names of Pods by their address.
 */
export function explainRules(lines: readonly string[], pods: RuleContext['pods'] = {}): ExplainedRule[] {
  const byChain = new Map<string | undefined, string[]>();
  let open: string | undefined;
  for (const line of lines) {
    open = chainOf(line) ?? open;
    byChain.set(open, [...(byChain.get(open) ?? []), line]);
  }
  const endpoints: Record<string, string> = {};
  for (const [chain = '', rules] of byChain) {
    const to = rules
      .map((line) => / (?:DNAT --to-destination|dnat (?:ip )?to) (\S+:\d+)$/.exec(line)?.[1])
      .find((found) => found !== undefined);
    if (to !== undefined) endpoints[chain] = to;
  }
  return [...byChain].flatMap(([chain, rules]) => {
    let left = 1;
    return rules.map((line): ExplainedRule => {
      const explanation = explainRule(line, { endpoints, pods, left });
      left *= 1 - Number(/ --probability (\S+)/.exec(line)?.[1] ?? 0);
      return { line, ...(chain === undefined ? {} : { chain }), ...(explanation === undefined ? {} : { explanation }) };
    });
  });
}

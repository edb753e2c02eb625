// What the lines of `evidence.rules` do, in words. kube-proxy writes them in few forms (pkg/proxy/iptables/proxier.go and
// pkg/proxy/nftables/proxier.go in kubernetes/kubernetes); a line with anything else in it is left without words rather than half explained.

/** A line of the kernel's rules, and what it does where that is known. */
export interface ExplainedRule {
  readonly line: string;
  /** The chain that the line is in; undefined for an element of a map, which stands before all chains. */
  readonly chain?: string;
  readonly explanation?: string;
}

/** What a line alone does not tell. */
export interface RuleContext {
  /** Where the chain of an endpoint sends a packet, such as 10.42.0.4:80, by the name of the chain. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** Names of Pods by their address. */
  readonly pods?: Readonly<Record<string, string>>;
  /** The share of the connections that the rules before this one in its chain have left, 0 to 1. Default 1. */
  readonly left?: number;
}

const masquerade =
  "is marked for masquerading: it leaves with the node's address as its source, so that the answer comes back through here";

/** A share of the connections in words: 0.3333 is "1 in 3 (33.3 %)". */
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

/** The options of a line of `iptables-save`; undefined when there is one that we do not know. */
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

/** Whether a line has these options, and besides them only what says nothing more. */
function has(options: Options, ...names: string[]): boolean {
  const silent = ['-A', '-j', '-m', '--comment', '--mode', '--reap', '--rsource', '--name', '--mask'];
  return names.every((name) => name in options) && Object.keys(options).every((name) => names.includes(name) || silent.includes(name));
}

/** `10.43.1.2, TCP port 8080` */
function target(options: Options): string {
  const port = `${(options['-p'] ?? '').toUpperCase()} port ${options['--dport'] ?? ''}`;
  return options['-d'] === undefined ? port : `${options['-d'].replace(/\/32$/, '')}, ${port}`;
}

const chains: readonly (readonly [RegExp, string])[] = [
  [/^KUBE-SVC-/, "the Service's chain, with all its endpoints"],
  [/^KUBE-SVL-/, "the Service's chain with the endpoints of this node alone"],
  [/^KUBE-EXT-/, 'the chain for what comes from outside the cluster'],
  [/^KUBE-FW-/, 'the chain that admits only the sources that the LoadBalancer allows'],
  [/^KUBE-SEP-/, 'the chain of one endpoint'],
  // nftables: a hash follows, which tells a Service's chains from kube-proxy's own.
  [/^service-[A-Z0-9]{8}-/, "the Service's chain"],
  [/^external-[A-Z0-9]{8}-/, 'the chain for what comes from outside the cluster'],
  [/^firewall-[A-Z0-9]{8}-/, 'the chain that admits only the sources that the LoadBalancer allows'],
  [/^endpoint-[A-Z0-9]{8}-/, 'the chain of one endpoint'],
];

function meaningOf(chain: string): string | undefined {
  return chains.find(([name]) => name.test(chain))?.[1];
}

function towards(chain: string): string | undefined {
  const meaning = meaningOf(chain);
  return meaning === undefined ? undefined : `goes on in ${meaning}`;
}

function explainIptables(line: string, context: RuleContext): string | undefined {
  const options = optionsOf(line);
  if (options === undefined) return undefined;
  const { '-A': chain = '', '-j': jump = '', '--comment': comment = '' } = options;
  const to = ['-d', '-p', '--dport'];

  if (jump === 'KUBE-MARK-MASQ') {
    if (has(options, '! -s', ...to)) return `What is sent to ${target(options)}, from anywhere but ${options['! -s']} ${masquerade}.`;
    if (has(options, ...to)) return `What is sent to ${target(options)} ${masquerade}.`;
    if (chain.startsWith('KUBE-SEP-') && has(options, '-s'))
      return 'Should the endpoint be its own client, the packet is marked for masquerading too, or it would answer itself past the Service.';
    if (has(options, '--src-type') && options['--src-type'] === 'LOCAL') return `What the node itself sends ${masquerade}.`;
    if (chain.startsWith('KUBE-EXT-') && has(options)) return `What comes from outside the cluster ${masquerade}.`;
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
    const what = `What is sent to ${local ? `an address of the node, ${target(options)}` : target(options)}`;
    return jump === 'REJECT' ? `${what}, is refused at once${reason}.` : `${what}, is dropped without an answer${reason}.`;
  }
  if (jump === 'DNAT') {
    const remembers = '--set' in options;
    if (!has(options, '-p', '--to-destination', ...(remembers ? ['--set'] : []))) return undefined;
    return `The destination is rewritten to ${destination(options['--to-destination'] ?? '', context)}${remembers ? ', and the client is remembered for session affinity' : ''}.`;
  }
  if (jump === 'MARK' && chain === 'KUBE-MARK-MASQ' && has(options, '--set-xmark')) return `The packet ${masquerade}.`;
  if (jump === 'KUBE-NODEPORTS' && has(options, '--dst-type') && options['--dst-type'] === 'LOCAL')
    return 'What is sent to an address of the node itself is looked up among the node ports.';
  if (jump.startsWith('KUBE-SEP-')) {
    const there = destination(jump, context);
    if (has(options, '--rcheck', '--seconds'))
      return `A client that was sent to ${there} within the last ${options['--seconds']} s goes there again: session affinity.`;
    const left = context.left ?? 1;
    if (has(options, '--probability')) {
      const probability = Number(options['--probability']);
      const ofTheRest = left > 0.99999 ? '' : `, ${shareText(probability)} of what is left`;
      return `A connection is drawn at random for ${there}: ${shareText(probability * left)} of all${ofTheRest}.`;
    }
    if (has(options))
      return left > 0.99999 ? `Every connection goes to ${there}.` : `Whatever is left goes to ${there}: ${shareText(left)} of all.`;
    return undefined;
  }
  const onwards = towards(jump);
  if (onwards === undefined) return undefined;
  if (has(options, ...to)) return `What is sent to ${target(options)}, ${onwards}.`;
  if (chain === 'KUBE-NODEPORTS' && has(options, '-p', '--dport'))
    return `What is sent to a node's address, ${target(options)}, ${onwards}.`;
  if (has(options, '--src-type') && options['--src-type'] === 'LOCAL') return `What the node itself sends ${onwards}.`;
  if (has(options, '-s')) return `What comes from ${options['-s']} ${onwards}.`;
  if (has(options)) return `What comes this far ${onwards}.`;
  return undefined;
}

// ---- nftables

/** `{ 0 : goto a, 1 : goto b }` of a drawing among `mod` numbers, as `A 1 in 2 (50.0 %), B 1 in 2 (50.0 %)`. */
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
  [/^chain (\S+) \{$/, ([, chain = '']) => (chain === 'reject-chain' ? 'The chain that refuses.' : begins(chain))],
  [/^comment ".*"$/, () => "kube-proxy's own note on this chain; it decides nothing."],
  [/^reject(?: with icmp port-unreachable)?$/, () => 'What comes this far is refused at once.'],
  [/^drop$/, () => 'What comes this far is dropped without an answer.'],
  [/^ip saddr != \{ (.+) \} drop$/, ([, sources]) => `What comes from anywhere but ${sources} is dropped without an answer.`],
  [
    /^ip saddr @affinity-\S+ goto (\S+)$/,
    ([, chain = ''], context) => `A client that was lately sent to ${destination(chain, context)} goes there again: session affinity.`,
  ],
  [
    /^update @affinity-\S+ \{ ip saddr(?: timeout \w+)? \}$/,
    () => 'The client is remembered for session affinity, and the time begins anew.',
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
  [new RegExp(`^${mark}$`), () => `What comes this far ${masquerade}.`],
  [new RegExp(`^fib saddr type local ${mark}$`), () => `What the node itself sends ${masquerade}.`],
  [/^fib saddr type local goto (\S+)(?: comment ".*")?$/, ([, chain = '']) => sentenceOf('What the node itself sends', towards(chain))],
  [/^ip saddr (\d\S+) goto (\S+)(?: comment ".*")?$/, ([, source, chain = '']) => sentenceOf(`What comes from ${source}`, towards(chain))],
  [/^goto (\S+)$/, ([, chain = '']) => sentenceOf('What comes this far', towards(chain))],
];

function sentence(opening: string, rest: string | undefined): string | undefined {
  return rest === undefined ? undefined : `${opening}: ${rest}.`;
}

function sentenceOf(subject: string, predicate: string | undefined): string | undefined {
  return predicate === undefined ? undefined : `${subject} ${predicate}.`;
}

function begins(chain: string): string | undefined {
  const meaning = meaningOf(chain);
  return meaning === undefined ? undefined : `Here begins ${meaning}.`;
}

function verdictOf(where: string, verdict = ''): string | undefined {
  if (verdict === 'drop') return `What is sent to ${where}, is dropped without an answer, since the Service has no endpoints on this node.`;
  if (verdict === 'goto reject-chain') return `What is sent to ${where}, is refused at once, since the Service has no endpoints.`;
  return sentenceOf(`What is sent to ${where},`, towards(/^goto (\S+)$/.exec(verdict)?.[1] ?? ''));
}

function explainNftables(line: string, context: RuleContext): string | undefined {
  for (const [form, explain] of nftablesForms) {
    const match = form.exec(line);
    if (match !== null) return explain(match, context);
  }
  return undefined;
}

// ---- both

/** What one line of `iptables-save` or of `nft list table ip kube-proxy` does; undefined when it is not in a form we know. */
export function explainRule(line: string, context: RuleContext = {}): string | undefined {
  return line.startsWith('-A ') ? explainIptables(line, context) : explainNftables(line, context);
}

function chainOf(line: string): string | undefined {
  return /^(?:-A|chain) (\S+)/.exec(line)?.[1];
}

/**
 * Explains the rules of a Service, chain by chain in the order in which a packet may come to them.
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

import type { Mutant } from './mutant.ts';

const setting = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';

const mutant: Mutant = {
  breaks: 'The kernel forgets a connection one second after its client has ended its side.',
  how: 'kube-proxy runs with --conntrack-tcp-timeout-close-wait=1s, or a tool that tunes the kernel sets it so.',
  apply: `sysctl -n ${setting} >/run/stand-in/close-wait; sysctl -qw ${setting}=1`,
  mend: `sysctl -qw ${setting}="$(cat /run/stand-in/close-wait)"`,
  red: {
    'half-closed': { 'late-answer': /"response":""/ },
  },
  green: ['large-payloads', 'source-kept'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The kernel forgets connections and flows to port 8080 three times a second.',
  how: 'A tool deletes entries of the connection table, to make clients follow new rules.',
  apply: `touch /run/clear; setsid sh -c 'while [ -e /run/clear ]; do for p in tcp udp; do conntrack -D -p $p --orig-port-dst 8080; done; sleep 0.3; done' >/dev/null 2>&1 </dev/null &`,
  mend: `rm -f /run/clear`,
  red: {
    'open-connections-stay': { 'readiness-lost': /"ending":"(silent|closed)"/ },
    'flows-outlive-the-service': { 'tcp-goes-on': /"ending":"(silent|closed)"/, 'udp-goes-on': /"ending":"(error|silent)"/ },
    'udp-blackholed-at-zero': { 'old-flow-goes-on': /"ending":"(error|silent)"/ },
    'udp-follows-endpoints': { 'terminating-endpoint': /"response":"b"/ },
  },
  green: ['default-type', 'slices-by-hand', 'udp-refusal-must-be-read'],
};

export default mutant;

import type { Mutant } from './mutant.ts';

const mutant: Mutant = {
  breaks: 'The kernel forgets UDP flows to port 8080 five times a second.',
  how: 'A script that an operator wrote against stale flows clears the table of connections all the time.',
  apply: `setsid sh -c 'while :; do conntrack -D -p udp --orig-port-dst 8080; sleep 0.2; done' >/dev/null 2>&1 </dev/null &
echo $! >/run/stand-in/clearing.pid`,
  mend: `kill "$(cat /run/stand-in/clearing.pid)"`,
  red: {
    'udp-blackholed-at-zero': { 'old-flow-goes-on': /"ending":"(error|silent)"/ },
    'udp-follows-endpoints': { 'terminating-endpoint': /"response":"b"/ },
  },
  green: ['udp-refusal-must-be-read', 'from-node'],
};

export default mutant;

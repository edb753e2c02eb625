import { prelude } from '../../mutants/mutant.ts';

/** A load on the cluster while the claims run. */
export interface Condition {
  /** What the cluster is under, such as `a busy processor`. */
  readonly what: string;
  /** Begins the load: sh on the node, with the functions of the prelude. */
  readonly apply: string;
  /** Ends the load. */
  readonly mend: string;
}

// Until the file is deleted, a component is paused for half of each fifth of a second.
const pausing = (component: string) =>
  `touch /run/slow; setsid sh -c 'while [ -e /run/slow ]; do pkill -STOP -f "^${component} "; sleep 0.1; pkill -CONT -f "^${component} "; sleep 0.1; done' >/dev/null 2>&1 </dev/null &`;
const pauseNoMore = 'rm -f /run/slow; sleep 0.3';

/** The conditions that share a cluster, by their names. */
export const conditions: Readonly<Record<string, Condition>> = {
  quiet: { what: 'no load', apply: ':', mend: ':' },
  busy: {
    what: 'every processor busy with other work',
    apply:
      'touch /run/busy; for core in $(seq $(nproc)); do setsid sh -c "while [ -e /run/busy ]; do :; done" >/dev/null 2>&1 </dev/null & done',
    mend: 'rm -f /run/busy',
  },
  'slow-api': { what: 'an API server that is paused half of the time', apply: pausing('kube-apiserver'), mend: pauseNoMore },
  'slow-dns': { what: 'a DNS server that is paused half of the time', apply: pausing('/coredns'), mend: pauseNoMore },
  'proxy-restarted': {
    what: 'a Service proxy that is restarted every 10 s',
    apply: `cat >/run/restart.sh <<'SH'
${prelude}
while [ -e /run/restart ]; do stop kube-proxy; start kube-proxy; sleep 10; done
SH
touch /run/restart; setsid sh /run/restart.sh >/dev/null 2>&1 </dev/null &`,
    mend: `rm -f /run/restart; within 20 '! pgrep -f "^sh /run/restart.sh"'`,
  },
};

/** The names of all conditions. `fresh` has a new cluster for each run; the others share one. */
export const conditionNames: readonly string[] = ['fresh', ...Object.keys(conditions)];

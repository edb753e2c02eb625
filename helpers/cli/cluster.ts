import { readSettings } from '../cluster/settings.ts';
import { UsageError } from '../base/usage-error.ts';
import { givenArguments } from './given-arguments.ts';
import { main, say } from './main.ts';

const usage = 'Use npm run cluster, npm run cluster:stop or npm run clean, without arguments.';

await main(async () => {
  const { positionals } = givenArguments(usage, {});
  const [what] = positionals;
  if (positionals.length > 1) throw new UsageError(usage);
  switch (what) {
    case 'start': {
      const settings = readSettings();
      if (settings.adopt !== undefined) throw new UsageError('npm run cluster starts a disposable cluster: unset CONFORMANCE_CONTEXT.');
      // Loaded late, here and below, so that bad input is reported at once.
      const { openCluster } = await import('../cluster/cluster.ts');
      const cluster = await openCluster(settings, { keep: true, say });
      await cluster.stop();
      const { access, node, version } = cluster.description;
      const container = node?.container.slice(0, 12) ?? '';
      console.log(
        `\nA cluster (${version}) is running in container ${container}. npm test uses it from now on.\n` +
          `  export KUBECONFIG=${access.kubeconfig}\n  kubectl get nodes\n` +
          `Without kubectl: docker exec -it ${container} kubectl get nodes\nnpm run cluster:stop removes it.`,
      );
      return 0;
    }
    case 'stop':
    case 'clean': {
      const { adopt } = readSettings();
      if (adopt !== undefined && what === 'stop')
        throw new UsageError(
          'npm run cluster:stop removes a cluster that npm run cluster started: unset CONFORMANCE_CONTEXT, or use npm run clean.',
        );
      const { cleanAdopted, removeKept } = await import('../cluster/cluster.ts');
      const { removed, left } = adopt === undefined ? { removed: await removeKept(), left: [] } : await cleanAdopted(adopt, say);
      if (left.length > 0) console.log(`Not removed, because it may still be in use: ${left.join(', ')}.`);
      console.log(removed.length === 0 ? 'There is nothing to remove.' : `Removed ${removed.join(', ')}.`);
      return 0;
    }
    default:
      throw new UsageError(usage);
  }
});

import { cleanAdopted, openCluster, removeKept } from '../cluster/cluster.ts';
import { readSettings } from '../cluster/settings.ts';
import { UsageError } from '../usage-error.ts';
import { main, say } from './main.ts';

await main(async () => {
  switch (process.argv[2]) {
    case 'start': {
      const settings = readSettings();
      if (settings.adopt !== undefined) throw new UsageError('npm run cluster starts a cluster of our own: unset CONFORMANCE_CONTEXT.');
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
      const removed = adopt === undefined || process.argv[2] === 'stop' ? await removeKept() : await cleanAdopted(adopt);
      console.log(removed.length === 0 ? 'There is nothing to remove.' : `Removed ${removed.join(', ')}.`);
      return 0;
    }
    default:
      throw new UsageError('Use npm run cluster, npm run cluster:stop or npm run clean.');
  }
});

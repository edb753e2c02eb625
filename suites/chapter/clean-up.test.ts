import { expect } from '@jest/globals';
import type { Lab } from '../../helpers/testbed/lab.ts';
import {
  applyLab,
  claim,
  client,
  cluster,
  expectAddress,
  expectEnding,
  expectNoAddress,
  inUrl,
  settle,
} from '../../helpers/testbed/testbed.ts';

// The last step of the lab. It has a file of its own because it waits until CoreDNS no longer has the name in its cache.

claim('clean-up', ({ ns, setup, check }) => {
  let lab: Lab;
  let address: string;
  const name = `nnappone-service.${ns.name}.svc.${cluster.domain}`;

  setup(async () => {
    lab = await applyLab(ns.name);
    await ns.podsReady('nnappone');
    address = (await ns.read('nnappone-service')).spec?.clusterIP ?? '';
  });

  check('answered-before', 'before, the name resolves and the address answers', async () => {
    await expectAddress(client(), name, address);
    await expectEnding(client(), `http://${inUrl(address)}:8080/`, 'answered');
  });

  check(
    'nothing-left',
    'afterwards there is no Pod and no EndpointSlice, the name does not resolve, and the address does not answer',
    async () => {
      expect((await lab.type('kubectl delete pod nnappone')).output).toContain('pod "nnappone" deleted');
      expect((await lab.type('kubectl delete svc nnappone-service')).output).toContain('service "nnappone-service" deleted');
      await settle(
        async () => [...(await ns.endpoints('nnappone-service')).slices, ...(await ns.listPods())].map(({ metadata }) => metadata?.name),
        { waitingFor: 'no Pod and no EndpointSlice', accept: (left) => left.length === 0 },
      );
      // CoreDNS may answer from its cache for some seconds more.
      await expectNoAddress(client(), name);
      await expectEnding(client(), `http://${inUrl(address)}:8080/`, ['timed out', 'refused', 'unreachable'], { inARow: 3 });
    },
  );
});

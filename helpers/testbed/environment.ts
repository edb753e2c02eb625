import { TestEnvironment } from 'jest-environment-node';
import { openedCluster } from '../cluster/description.ts';
import { currentRequest } from '../cluster/run-request.ts';
import { endWithOwner } from '../engine/ownership.ts';
import { openKube } from '../kube/api.ts';
import { openTestbed } from './open-testbed.ts';
import { openContext, type RunContext } from './run-context.ts';
import type { JestFile } from './claim.ts';

const request = currentRequest();
let opened: Promise<RunContext> | undefined;

async function contextOf(owner: string, claims: readonly string[]): Promise<RunContext> {
  const cluster = await openedCluster(owner);
  const kube = openKube(cluster.access);
  // A credential plugin is run for this request alone, and what it returns serves all claims. Many at once would each run it. Where the request fails, claims say why.
  await kube.version.getCode().catch(() => undefined);
  return openContext(cluster, kube, claims);
}

/** Jest's environment for the suites: provides the testbed, whose modules are loaded outside of Jest's module registry. */
export default class Environment extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    if (request === undefined) throw new Error('The claims need a cluster: run them with `npm test`.');
    const { owner, claims, stopEarly } = request;
    if (opened === undefined) endWithOwner(owner);
    opened ??= contextOf(owner, claims);
    const context = await opened;
    this.global.openTestbed = (jest: JestFile) => openTestbed(jest, context, { owner, stopEarly });
  }
}

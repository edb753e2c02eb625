import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { JestFile } from './claim.ts';
import type { Testbed } from './open-testbed.ts';

// The only file of the testbed that Jest loads. The rest is loaded by environment.ts, which provides this function: outside of Jest's module registry, in which
// the thousand files of the API client take much longer.
declare global {
  // Only `var` declares a property of globalThis.
  var openTestbed: (jest: JestFile) => Testbed;
}

export const {
  claim,
  cluster,
  kube,
  client,
  backends,
  onNode,
  node,
  nodeShell,
  withNodeLabel,
  server,
  clientPod,
  webService,
  openLab,
  applyLab,
  startOutside,
  expectEnding,
  expectAddress,
  expectNoAddress,
  settle,
  http,
  series,
  udp,
  openFlow,
  udpSeries,
  seriesOfEach,
  fromEach,
  resolve,
  dig,
  expectAnswer,
  isNoName,
  responseTo,
  openConnection,
  startLoad,
  inUrl,
  addressAt,
  numberIn,
  sizeOf,
  idle,
  recordObservation,
  refusal,
  timeouts,
  furtherServiceRange,
  wantedSuites,
} = globalThis.openTestbed({ beforeAll, afterAll, describe, test });

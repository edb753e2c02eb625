import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

// Node strips the types itself; the packages used here are ES modules.
const typescript: Config = { transform: {}, extensionsToTreatAsEsm: ['.ts'], testEnvironment: 'node' };

const config: Config = {
  // Claims mostly wait for the cluster, so more files than processors go side by side. Each worker costs a second of processor to load.
  maxWorkers: Math.max(8, availableParallelism()),
  testSequencer: './helpers/claims/sequencer.ts',
  reporters: ['helpers', 'browser', 'trials'].some((project) => process.argv.includes(project))
    ? ['default']
    : ['./helpers/report/reporter.ts'],
  projects: [
    {
      ...typescript,
      displayName: 'claims',
      testMatch: ['<rootDir>/suites/*.test.ts'],
      globalSetup: './helpers/cluster/global-setup.ts',
      setupFilesAfterEnv: ['./helpers/claims/jest-setup.ts'],
    },
    { ...typescript, displayName: 'helpers', testMatch: ['<rootDir>/{helpers,mutants,suites}/**/*.spec.ts'] },
    {
      ...typescript,
      displayName: 'browser',
      testMatch: ['<rootDir>/helpers/**/*.browser.ts'],
      globalSetup: './helpers/report/chromium.ts',
    },
    // A cluster each, so one file after the other (--runInBand).
    {
      ...typescript,
      displayName: 'trials',
      testMatch: ['<rootDir>/helpers/trials/*.trial.ts'],
      setupFilesAfterEnv: ['./helpers/claims/jest-setup.ts'],
    },
  ],
};

export default config;

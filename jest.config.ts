import type { Config } from 'jest';

// Node strips the types itself; the packages used here are ES modules.
const typescript: Config = { transform: {}, extensionsToTreatAsEsm: ['.ts'], testEnvironment: 'node' };

const config: Config = {
  reporters: ['helpers', 'browser', 'trials'].some((project) => process.argv.includes(project))
    ? ['default']
    : ['./helpers/results/reporter.ts'],
  projects: [
    {
      ...typescript,
      displayName: 'claims',
      testMatch: ['<rootDir>/suites/claims.test.ts'],
      globalSetup: './helpers/testbed/global-setup.ts',
      testEnvironment: './helpers/testbed/environment.ts',
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
      setupFilesAfterEnv: ['./helpers/trials/jest-setup.ts'],
    },
  ],
};

export default config;

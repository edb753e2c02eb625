import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['node_modules', 'artifacts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Objects of the Kubernetes API are written as literals of client-node's classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Ports, counts and what may be missing are printed as they are.
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['suites/*.test.ts'],
    plugins: { jest },
    rules: {
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      // Nothing sleeps: see settle and idle.
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  {
    // Runs in a browser.
    files: ['helpers/report/html-client.js'],
    languageOptions: {
      sourceType: 'script',
      globals: Object.fromEntries(
        ['document', 'location', 'history', 'addEventListener', 'setTimeout', 'URLSearchParams'].map((name) => [name, 'readonly']),
      ),
    },
  },
);

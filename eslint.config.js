import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import jest from 'eslint-plugin-jest';
import typescript from 'typescript-eslint';

// From the bottom up: a folder imports only from itself and from those above it in this list, types included. docs/structure.md explains them.
const folders = [
  'helpers/base',
  'helpers/ledger',
  'helpers/evidence',
  'helpers/kube',
  'helpers/engine',
  'helpers/probe',
  'helpers/cluster',
  'helpers/report',
  'helpers/results',
  'helpers/testbed',
  'suites',
  'mutants',
  'helpers/cli',
  'helpers/trials',
  'helpers/repository',
];

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
    files: ['{helpers,suites,mutants}/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': folders.map((folder) => ({ type: folder, pattern: folder })),
      'boundaries/include': ['{helpers,suites,mutants}/**/*.ts'],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message: '{{ from.element.type }} may not import from {{ to.element.type }}: see the list of folders in eslint.config.js',
          policies: folders.map((folder, index) => ({
            from: { element: { type: folder } },
            allow: { to: { element: { types: { anyOf: folders.slice(0, index + 1) } } } },
          })),
        },
      ],
    },
  },
  {
    // boundaries sees an import() only where its path is written out. The ignored files load suites or mutants by their names.
    files: ['{helpers,suites,mutants}/**/*.ts'],
    ignores: ['suites/claims.test.ts', 'mutants/load.ts', 'helpers/cli/check-titles.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportExpression[source.type!='Literal']",
          message: 'Write the path as a literal, so that the order of folders can be checked.',
        },
      ],
    },
  },
  {
    files: ['suites/**/*.test.ts'],
    plugins: { jest },
    rules: {
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      // Nothing sleeps: see settle and idle.
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval'],
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } } },
  {
    // Runs in a browser.
    files: ['helpers/report/html-client.js'],
    languageOptions: {
      sourceType: 'script',
      globals: Object.fromEntries(
        ['document', 'navigator', 'location', 'history', 'addEventListener', 'setTimeout', 'URLSearchParams'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
);

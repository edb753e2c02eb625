import { jest } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';

// Hooks that suites write themselves wait for Pods; each of those waits has a limit of its own, below this one.
jest.setTimeout(timeouts.test);

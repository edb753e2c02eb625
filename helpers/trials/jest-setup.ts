import { jest } from '@jest/globals';
import { timeouts } from '../base/timeouts.ts';

// A trial starts whole runs of the suite. Each wait in them has a limit of its own, below this one.
jest.setTimeout(timeouts.test);

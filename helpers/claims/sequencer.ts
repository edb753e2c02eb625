import type { Test } from '@jest/reporters';
import sequencer from '@jest/test-sequencer';

// The package's types are those of its CommonJS half, where the class is a property of what is imported.
const Sequencer = sequencer as unknown as typeof sequencer.default;

/** Starts the topic that may have to sit out a Pod's 30 s of grace before all others, and leaves their order to Jest. */
export default class LongestFirst extends Sequencer {
  override sort(tests: Test[]): Test[] {
    const waits = ({ path }: Test) => path.endsWith('debug-pod.test.ts');
    return [...tests.filter(waits), ...(super.sort(tests.filter((test) => !waits(test))) as Test[])];
  }
}

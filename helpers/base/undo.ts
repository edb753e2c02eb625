// What this process has created and must remove again: one list for all of it, so that every way out of a run uses the same steps.

/** Removes one thing. Is called at most once. */
type UndoStep = () => Promise<void>;

const steps: UndoStep[] = [];

/** Adds a step to the list and returns a function that takes it off again without running it. */
export function onUndo(step: UndoStep): () => void {
  steps.push(step);
  return () => {
    const index = steps.indexOf(step);
    if (index >= 0) steps.splice(index, 1);
  };
}

async function runAll(): Promise<void> {
  const errors: unknown[] = [];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

let running: Promise<void> | undefined;

/**
 * Runs all steps, the last one first, each only once. Runs the others even if one fails, then throws the first error. A call while another one runs waits for
 * that one: a signal may come while a run is removing what it created.
 */
export function undoAll(): Promise<void> {
  running ??= runAll().finally(() => {
    running = undefined;
  });
  return running;
}

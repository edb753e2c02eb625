import { beforeEach, expect, test } from '@jest/globals';
import { onUndo, undoAll } from './undo.ts';

let ran: string[];
beforeEach(() => {
  ran = [];
});

const step = (name: string, error?: Error) => () => {
  ran.push(name);
  return error === undefined ? Promise.resolve() : Promise.reject(error);
};

test('steps run one at a time, the last one first, and only once', async () => {
  onUndo(step('folder'));
  onUndo(async () => {
    await Promise.resolve();
    ran.push('node');
  });
  await undoAll();
  await undoAll();
  expect(ran).toEqual(['node', 'folder']);
});

test('a step that is taken off does not run, and taking it off twice removes no other', async () => {
  onUndo(step('folder'));
  const takeOff = onUndo(step('node'));
  takeOff();
  takeOff();
  await undoAll();
  expect(ran).toEqual(['folder']);
});

test('taking a step off after it has run does nothing', async () => {
  const takeOff = onUndo(step('node'));
  await undoAll();
  onUndo(step('folder'));
  takeOff();
  await undoAll();
  expect(ran).toEqual(['node', 'folder']);
});

test('when steps fail the others run all the same, and the first error is thrown', async () => {
  const [early, late] = [new Error('the folder is not empty'), new Error('no engine answers')];
  onUndo(step('folder', early));
  onUndo(step('namespace'));
  onUndo(step('node', late));
  await expect(undoAll()).rejects.toBe(late);
  expect(ran).toEqual(['node', 'namespace', 'folder']);
});

test('a step that is added while steps run is run too', async () => {
  onUndo(() => {
    onUndo(step('added'));
    return Promise.resolve();
  });
  await undoAll();
  expect(ran).toEqual(['added']);
});

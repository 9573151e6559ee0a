import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type SnapshotFrame, takeSnapshot } from '../packages/sampler/dist/index.js';
import { linesOf, start } from './cli-helpers.js';
import { findPythons } from './pythons.js';

const PROGRAM = fileURLToPath(new URL('programs/tied_locals.py', import.meta.url));
/** Looks at a program, and calls of which at least two variables were read at once: with fewer the test is worth nothing. */
const LOOKS = 30;
const CALLS = 4;

const pythons = await findPythons();

/** The numbers that the variables of a call of the program show. All follow from the same one. */
function numbersOf(frame: SnapshotFrame): string[] {
  const known = (frame.locals ?? []).filter(({ name, value }) => name !== '_' && value !== '<changing>');
  return known.flatMap(({ value }) => value.match(/\d+/g) ?? []);
}

describe.each(pythons.map(({ path, version }) => ({ path, minor: version.minor })))(
  'variables of a program that never rests, on 3.$minor',
  ({ path }) => {
    it.each([0, 2000])('belong to one call (%i turns in it)', async (turns) => {
      const program = start(path, [PROGRAM, `${turns}`]);
      await linesOf(program, 1);
      let calls = 0;
      for (let look = 0; look < LOOKS || calls < CALLS; look++) {
        const { threads } = await takeSnapshot(program.pid, { locals: true });
        for (const frame of threads[0]?.frames ?? []) {
          if (frame.name !== 'inner' && frame.name !== 'outer') continue;
          expect(new Set(numbersOf(frame)).size).toBeLessThanOrEqual(1);
          if (numbersOf(frame).length > 1) calls += 1;
        }
      }
    });
  },
);

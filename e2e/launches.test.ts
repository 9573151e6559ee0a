import { describe, expect, it } from 'vitest';
import { findPythons } from './pythons.js';
import { record, startProgram } from './record-helpers.js';

const pythons = await findPythons();

/** The full claim is 100 in a row. */
const LAUNCHES = Number(process.env.AUSTIN_TEST_LAUNCHES ?? 10);

describe.each(pythons)('Python 3.$version.minor', (python) => {
  it(
    `${LAUNCHES} launches of a program of 0.1 s give as many profiles`,
    async () => {
      for (let launch = 1; launch <= LAUNCHES; launch++) {
        // From its very start: the recording waits for the interpreter to come up.
        const program = startProgram(python.path, ['short.py'], { stdio: 'ignore' });
        const { result, profile } = await record(program.pid);
        expect(result, `launch ${launch}`).toMatchObject({
          end: 'target-ended',
          target: { pid: program.pid },
        });
        expect(result.error).toBeUndefined();
        expect(profile.samples.length, `launch ${launch}`).toBeGreaterThan(0);
        expect(profile.samples.length).toBe(result.statistics.samples);
        const functions = new Set<string>();
        for (let id = 0; id < profile.tables.frameCount; id++) {
          functions.add(profile.tables.frameInfo(id as Parameters<typeof profile.tables.frameInfo>[0]).name);
        }
        expect(functions, `launch ${launch}`).toContain('brief');
        expect(await program.ended).toEqual({ code: 0, signal: null });
      }
    },
    LAUNCHES * 5_000 + 10_000,
  );
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../packages/profile/dist/index.js';
import { austin, temporaryFolder } from './cli-helpers.js';
import { LAUNCHES } from './counts.js';
import { findPythons, type Python } from './pythons.js';
import { PROGRAMS, readProfile, record, startProgram } from './record-helpers.js';

const pythons = await findPythons();
const TIMEOUT = LAUNCHES * 5_000 + 10_000;

describe.each(pythons)('Python 3.$version.minor', (python) => {
  it(
    `${LAUNCHES} launches of a program of 0.1 s, found from outside, give as many profiles`,
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
        expect(profile.samples.length).toBe(result.statistics.samples);
        expect(functionsOf(profile), `launch ${launch}`).toContain('brief');
        expect(await program.ended).toEqual({ code: 0, signal: null });
      }
    },
    TIMEOUT,
  );

  it(
    `${LAUNCHES} times \`austin record\` of a program of 0.1 s: status 0, and samples of it`,
    async () => {
      for (let launch = 1; launch <= LAUNCHES; launch++) {
        const profile = await launched(python, [join(PROGRAMS, 'short.py')], `launch ${launch}`);
        expect(functionsOf(profile), `launch ${launch}`).toContain('brief');
      }
    },
    TIMEOUT,
  );

  it(
    `${LAUNCHES} times \`austin record\` of a program that does nothing: status 0, and a whole file`,
    async () => {
      // It may be over before it can be sampled.
      for (let launch = 1; launch <= LAUNCHES; launch++) {
        await launched(python, ['-c', 'pass'], `launch ${launch}`);
      }
    },
    TIMEOUT,
  );
});

/** Records a program that the command line starts. */
async function launched(python: Python, args: readonly string[], what: string): Promise<Profile> {
  const path = join(temporaryFolder(), 'launch.mojo');
  const run = await austin(['record', '-o', path, python.path, ...args]);
  expect(run.code, `${what}: ${run.stderr}`).toBe(0);
  expect(run.stderr, what).toContain(`austin: wrote ${path}`);
  return readProfile(readFileSync(path));
}

function functionsOf({ tables }: Profile): Set<string> {
  const functions = new Set<string>();
  for (let id = 0; id < tables.frameCount; id++) {
    functions.add(tables.frameInfo(id as Parameters<typeof tables.frameInfo>[0]).name);
  }
  return functions;
}

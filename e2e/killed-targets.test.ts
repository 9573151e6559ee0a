import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Running, runs, startAustin, temporaryFolder } from './cli-helpers.js';
import { KILLS } from './counts.js';
import { findPythons } from './pythons.js';
import { PROGRAMS, readProfile } from './record-helpers.js';

const pythons = await findPythons();

const ENDED_BY_SIGKILL = 137;
/** From before the interpreter stands to well into the recording. */
const LONGEST_WAIT_MS = 300;
/** Longer than anybody waits for its end. */
const TARGET_SECONDS = '60';
const TARGETS = ['functions.py', 'threads.py', 'exec_code.py', 'churn.py'];

it(
  `${KILLS} programs killed at random moments leave as many readable recordings, and nothing that runs`,
  async () => {
    const seen = new Set<number>();
    let withSamples = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const python = pythons[kill % pythons.length]!;
      const program = TARGETS[Math.floor(kill / pythons.length) % TARGETS.length]!;
      const path = join(temporaryFolder(), 'killed.mojo');
      const command = [python.path, join(PROGRAMS, program), TARGET_SECONDS];
      const austin = startAustin(['record', '-o', path, ...command], {
        env: { PYTHONDONTWRITEBYTECODE: '1' },
      });
      seen.add(austin.pid);
      const target = await childOf(austin);
      const waitMs = Math.random() * LONGEST_WAIT_MS;
      await delay(waitMs);
      for (const pid of [target, ...childrenOf(target)]) seen.add(pid);
      process.kill(target, 'SIGKILL');
      const result = await austin.finished;

      const what = `kill ${kill + 1}, after ${waitMs.toFixed(1)} ms: ${program} of 3.${python.version.minor}`;
      expect(result.code, `${what}: ${result.stderr}`).toBe(ENDED_BY_SIGKILL);
      const { samples } = await readProfile(readFileSync(path));
      if (samples.length > 0) withSamples++;
      else expect(result.stderr, what).toContain('without samples');
    }
    // Some moments are before the first sample, not all of them.
    expect(withSamples).toBeGreaterThan(0);
    expect([...seen].filter(runs)).toEqual([]);
  },
  KILLS * 5_000 + 10_000,
);

async function childOf(austin: Running): Promise<number> {
  for (;;) {
    const [child] = childrenOf(austin.pid);
    if (child !== undefined) return child;
    if (!runs(austin.pid)) throw new Error(`ended first: ${(await austin.finished).stderr}`);
    await delay(1);
  }
}

/** The processes whose parent a process is. */
function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has just ended
  }
}

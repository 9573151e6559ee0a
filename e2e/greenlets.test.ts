import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPythons, type Python } from './pythons.js';
import { judge, record, startTruthful, workOf } from './record-helpers.js';

const pythons = await findPythons();

/** Installing takes a while, so it is done once for each way of linking frames: with the newest version for which it can be. */
const WAYS = [
  { name: '3.8 to 3.10', candidates: pythons.filter(({ version }) => version.minor <= 10) },
  { name: '3.11 and 3.12', candidates: pythons.filter(({ version }) => /^1[12]$/.test(`${version.minor}`)) },
  { name: '3.13 and later', candidates: pythons.filter(({ version }) => version.minor >= 13) },
];

const folder = mkdtempSync(join(tmpdir(), 'austin-greenlets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An interpreter of a virtual environment with greenlet in it; undefined where it cannot be installed. */
function withGreenlet(python: Python): string | undefined {
  const environment = join(folder, python.name);
  const command = join(environment, 'bin/python');
  try {
    execFileSync(python.path, ['-m', 'venv', environment], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', 'greenlet'];
    execFileSync(command, install, { stdio: 'pipe', timeout: 50_000 });
    return command;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    const output = [stdout, stderr].map((stream) => stream?.toString() ?? '').join('');
    const reason = output.trim().split('\n').at(-1);
    console.log(`greenlet cannot be installed for Python ${python.name}: ${reason}`);
    return undefined;
  }
}

describe.each(WAYS)('Python $name', ({ candidates }) => {
  it('greenlets keep their stacks apart', { timeout: 300_000 }, async ({ skip }) => {
    let command: string | undefined;
    for (const python of candidates.toReversed()) command ??= withGreenlet(python);
    if (command === undefined) return skip('greenlet cannot be installed');
    const program = await startTruthful(command, ['greenlets.py']);
    const missing = workOf(program.truth);
    // These pass control on, and are gone before they can be read twice.
    for (const name of missing) if (/^(switch|running|green_generator) /.test(name)) missing.delete(name);
    for (let count = 0; count < 20 && missing.size > 0; count++) {
      const { profile, result } = await record(program.pid, { durationUs: 300_000 });
      expect(result.error).toBeUndefined();
      const { illegal, legal, seen } = judge(profile, program.truth);
      expect(illegal).toEqual([]);
      expect(legal).toBeGreaterThan(0);
      // Each switch goes to another chunk; most samples are whole all the same.
      const { samples, cut, invalid } = result.statistics;
      expect(cut + invalid).toBeLessThan(samples / 5);
      for (const name of seen) missing.delete(name);
    }
    expect([...missing]).toEqual([]);
    await program.finish();
  });
});

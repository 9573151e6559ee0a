import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPythons, type Python } from './pythons.js';
import { type ProgramTruth, type SampledFrame, stackJudge } from './truth.js';

const programs = join(import.meta.dirname, 'programs');
const pythons = await findPythons();

interface Witnessed {
  readonly truth: ProgramTruth;
  readonly stacks: readonly { readonly tid: number; readonly frames: readonly SampledFrame[] }[];
}

/** Runs a program under programs/witness, which reports its stacks from inside, unless it does so itself. */
async function witness(python: Python, args: readonly string[]): Promise<Witnessed> {
  const folder = mkdtempSync(join(tmpdir(), 'austin-witness-'));
  const path = join(folder, 'stacks.json');
  const isOwnWitness = args.includes('static_stack.py');
  const child = spawn(python.path, [...args, '0.3'], {
    cwd: programs,
    env: {
      ...process.env,
      AUSTIN_WITNESS: isOwnWitness ? '' : path,
      PYTHONPATH: [join(programs, 'witness'), programs].join(delimiter),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  try {
    expect(status).toBe(0);
    const truth = JSON.parse(output.split('\n')[0]!) as ProgramTruth;
    if (truth.snapshot) return { truth, stacks: truth.snapshot };
    const seen = JSON.parse(readFileSync(path, 'utf8')) as {
      frames: SampledFrame[];
      stacks: { tid: number; frames: number[] }[];
    };
    const stacks = seen.stacks.map((stack) => ({
      tid: stack.tid,
      frames: stack.frames.map((index) => seen.frames[index]!),
    }));
    return { truth, stacks };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runs: [name: string, args: string[]][] = [
  ['functions', ['functions.py']],
  ['coroutines', ['coroutines.py']],
  ['recursion', ['recursion.py']],
  ['threads', ['threads.py']],
  ['unicode_names', ['unicode_names.py']],
  ['exec_code', ['exec_code.py']],
  ['churn', ['churn.py']],
  ['shares', ['shares.py']],
  ['static_stack', ['static_stack.py']],
  ['short', ['short.py']],
  ['pkgdemo', ['-m', 'pkgdemo']],
];

describe.each(pythons)('the truth of the programs on Python 3.$version.minor', (python) => {
  it.concurrent.each(runs)('%s', async (_, args) => {
    const { truth, stacks } = await witness(python, args);
    const judge = stackJudge(truth);
    let legal = 0;
    for (const { tid, frames } of stacks) {
      const verdict = judge(frames, { tid });
      if (verdict.kind === 'illegal')
        expect.fail(`${verdict.reason}\n${frames.map(({ name }) => name).join(' > ')}`);
      if (verdict.kind === 'legal') legal++;
    }
    // How many distinct ones there are depends on the machine's load.
    expect(legal).toBeGreaterThan(0);
  });
});

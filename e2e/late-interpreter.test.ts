import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ThreadId } from '../packages/profile/dist/index.js';
import { findPythons } from './pythons.js';
import { framesOf, startProgram, startRecordingFile, temporaryFolder, until } from './record-helpers.js';

const pythons = await findPythons();

it.each(pythons)('an interpreter that Python 3.$version.minor creates later is sampled', async (python) => {
  const end = join(temporaryFolder(), 'end');
  const program = startProgram(python.path, ['late_interpreter.py', end]);
  expect(await program.line()).toBe('ready');
  let rounds = 0;
  const recording = startRecordingFile(program.pid, {
    progressMs: 10,
    onProgress: (statistics) => {
      rounds = statistics.rounds;
    },
  });
  await until(() => rounds > 10);
  program.child.stdin?.write('go\n');
  expect(await program.line()).toBe('inside');
  const before = rounds;
  await until(() => rounds > before + 300);
  writeFileSync(end, '');
  const { profile } = await recording.finished;
  const interpreters = new Map<number, number>();
  for (let i = 0; i < profile.samples.length; i++) {
    const frames = framesOf(profile, profile.samples.stack[i]!).map((frame) => frame.name);
    const { iid } = profile.tables.thread(profile.samples.thread[i]! as ThreadId);
    if (frames.includes('spin')) {
      expect(frames.join()).toMatch(/inside,spin$/);
      interpreters.set(iid ?? -1, (interpreters.get(iid ?? -1) ?? 0) + 1);
    }
  }
  expect(interpreters.size).toBe(1);
  const [[iid, samples]] = [...interpreters] as [[number, number]];
  expect(iid).toBeGreaterThan(0);
  expect(samples).toBeGreaterThan(150);
});

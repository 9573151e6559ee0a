import { closeSync, openSync, writeSync } from 'node:fs';
import { MojoWriter } from '../packages/mojo/dist/index.js';
import { EMPTY_STACK, ProfileTables } from '../packages/profile/dist/index.js';
import { seededRandom } from './lib/random.mjs';

/** What the converters are given. The same seed writes the same bytes. */
export const RECORDINGS = [
  { name: 'shallow', samples: 400_000, depth: 6, spread: 2, functions: 60, threads: 1, seed: 1 },
  { name: 'deep', samples: 80_000, depth: 45, spread: 5, functions: 600, threads: 4, seed: 2 },
];

/** A gigabyte of a program that takes some of its paths again and again. */
export const HUGE = {
  name: 'huge',
  samples: 10_000_000,
  depth: 45,
  spread: 5,
  functions: 600,
  threads: 4,
  seed: 4,
  paths: 5000,
};

const INTERVAL_US = 100;
const FLUSH_BYTES = 1 << 20;

/**
 * Writes a recording of version 3, which the reference tools read as well.
 *
 * From sample to sample of a thread, some inner frames return and others are called, as in a program. After so many
 * different `paths` a thread takes one of those again; without a number each is new. Returns what a converter must not
 * lose: how many samples and microseconds.
 */
export function writeRecording(path, recording) {
  const { samples, depth, spread, functions, threads, seed, paths = Infinity } = recording;
  const random = seededRandom(seed);
  const tables = new ProfileTables();
  const writer = new MojoWriter(tables, { version: 3, mode: 'wall' });
  const fns = Array.from({ length: functions }, (_, i) =>
    tables.internFunction(
      tables.internString(`Class${i % 17}.function_${i}`),
      tables.internString(`/srv/app/package_${i % 23}/module_${i % 7}.py`),
    ),
  );
  const call = (parent, level) => {
    const which = (level * 13 + random(6)) % functions;
    const line = 10 + which + random(4);
    return tables.internStack(parent, tables.internFrame(fns[which], line, line, 5, 30));
  };
  const ids = Array.from({ length: threads }, (_, i) =>
    tables.internThread(4000, 0, (4000 + i).toString(16)),
  );
  const stacks = ids.map(() => [EMPTY_STACK]);
  const taken = [];
  /** The innermost frame of a thread's next stack. */
  const next = (stack) => {
    if (taken.length >= paths) return taken[random(taken.length)];
    stack.length = Math.max(1, stack.length - random(spread + 1));
    const wanted = depth + 1 - spread + random(2 * spread + 1);
    while (stack.length < wanted) stack.push(call(stack.at(-1), stack.length));
    if (paths !== Infinity) taken.push(stack.at(-1));
    return stack.at(-1);
  };

  const fd = openSync(path, 'w');
  writer.addMetadata('austin', '4.0.0');
  writer.addMetadata('interval', String(INTERVAL_US));
  writer.addMetadata('python', '3.12.1');
  let totalUs = 0;
  for (let i = 0; i < samples; i++) {
    const at = i % threads;
    const timeUs = INTERVAL_US - 3 + random(7);
    totalUs += timeUs;
    writer.addSample(next(stacks[at]), ids[at], timeUs, 0, 0);
    if (writer.length > FLUSH_BYTES) writeSync(fd, writer.take());
  }
  writeSync(fd, writer.take());
  closeSync(fd);
  return { samples, totalUs };
}

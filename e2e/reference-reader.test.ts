import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MojoReader } from '../packages/mojo/dist/index.js';
import {
  isAustinError,
  type Profile,
  ProfileBuilder,
  recordedPlace,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '../packages/profile/dist/index.js';
import { start } from './cli-helpers.js';
import { installFrontEnds } from './front-ends.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Where austin-python says something else than we do, and why. Any other difference fails. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'mojo/definitions-before-stack.mojo':
    'refuses definitions before the first STACK, which Austin 3.4.0 writes',
  'mojo/event-zero.mojo': 'loses the complete sample before damage',
  'mojo/full-mode-sample-without-memory.mojo': 'delivers a sample that lacks a metric of its mode',
  'mojo/invalid-utf8.mojo': 'drops kernel frames',
  'mojo/kernel-frames-and-invalid.mojo': 'drops kernel frames',
  'mojo/keys-0-and-1.mojo': 'refuses string key 0, which its own writer uses for the empty text',
  'mojo/last-sample-without-metric.mojo': 'delivers a sample without its metric',
  'mojo/negative-iid.mojo': 'shows -1 as 2^64 - 1',
  'mojo/no-mode.mojo': 'delivers a sample that lacks a metric that the others have',
  'mojo/repeat-in-version-3.mojo': 'accepts STACK_REPEAT in version 3',
  'mojo/repeat-script-in-native-run.mojo': 'drops kernel frames',
  'mojo/repeat-script-without-py.mojo':
    'takes a script without .py for native code, and drops it from repeats',
  'mojo/repeat-two-interpreters.mojo': 'repeats the stack of another interpreter of the thread',
  'mojo/sample-without-metric-between.mojo': 'delivers a sample without its metric',
  'mojo/tasks.mojo': 'does not know the task events',
  'mojo/truncated-in-second-stack.mojo': 'loses the complete sample before damage',
  'mojo/undefined-frame.mojo': 'ends at a frame key that is not defined',
  'mojo/undefined-string.mojo': 'ends at a string key that is not defined',
  'mojo/unknown-event.mojo': 'loses the complete sample before damage',
  'mojo/varint-too-long.mojo': 'accepts integers of any length',
};

type Sample = [
  pid: number,
  iid: string | null,
  thread: string,
  frames: [file: string, name: string, line: number, lineEnd: number, column: number, columnEnd: number][],
  timeUs: number | null,
  memoryBytes: number | null,
  isGc: boolean,
  isIdle: boolean,
];

interface Reading {
  readonly error: string | null;
  readonly samples: Sample[];
}

const FILES = ['mojo', 'mojo/native-vectors', 'recordings'].flatMap((folder) =>
  readdirSync(FIXTURES + folder)
    .filter((file) => file.endsWith('.mojo'))
    .map((file) => `${folder}/${file}`),
);

const frontEnds = await installFrontEnds(4, ['austin-python>=2.2,<3', 'austin-tui>=2,<3'], [12, 13, 11, 10]);
const theirs = await readings();

describe.skipIf(!frontEnds)('the reader of austin-python', () => {
  it('has read the files', () => {
    expect(theirs).toHaveLength(FILES.length);
    expect(Object.keys(DIFFERENCES).filter((name) => !FILES.includes(name))).toEqual([]);
  });

  it.each([...FILES.entries()])('%i %s: agrees, or differs as it is known to', (index, file) => {
    const ours = oursOf(file);
    const reading = theirs[index]!;
    const reason = DIFFERENCES[file];
    if (reason !== undefined) {
      expect(ours.samples, reason).not.toEqual(reading.samples.map(withoutFalseLineEnds));
      return;
    }
    expect(ours.samples).toEqual(reading.samples.map(withoutFalseLineEnds));
  });
});

async function readings(): Promise<Reading[]> {
  if (!frontEnds) return [];
  const script = fileURLToPath(new URL('front-ends/read_mojo.py', import.meta.url));
  const run = start(frontEnds.python, [script, ...FILES.map((file) => FIXTURES + file)], {});
  const { code, stdout, stderr } = await run.finished;
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.toString().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Reading);
}

/** A line end without columns is not kept before its line: two versions of Austin wrote something else there. */
function withoutFalseLineEnds(sample: Sample): Sample {
  const frames = sample[3].map(([file, name, line, lineEnd, column, columnEnd]): Sample[3][number] => {
    const hasColumns = column !== 0 || columnEnd !== 0;
    const isKept = hasColumns || (line > 0 && lineEnd >= line && !file.startsWith('native@'));
    return [file, name, line, isKept ? lineEnd : 0, column, columnEnd];
  });
  return [sample[0], sample[1], sample[2], frames, sample[4], sample[5], sample[6], sample[7]];
}

function oursOf(file: string): Reading {
  const builder = new ProfileBuilder();
  try {
    const reader = new MojoReader(builder);
    reader.push(new Uint8Array(readFileSync(FIXTURES + file)));
    reader.end();
  } catch (error) {
    if (!isAustinError(error)) throw error;
    return { error: error.code, samples: [] };
  }
  return { error: null, samples: samplesOf(builder.build()) };
}

function samplesOf({ tables, samples, mode }: Profile): Sample[] {
  return Array.from({ length: samples.length }, (_, i) => {
    const { pid, iid, tid } = tables.thread(samples.thread[i]! as ThreadId);
    const frames = tables.stackFrames(samples.stack[i]! as StackId).map((id): Sample[3][number] => {
      const info = tables.frameInfo(id);
      const { name, lineEnd, column, columnEnd } = info;
      // Theirs knows no libraries.
      const { file, line } = recordedPlace(info);
      return [file, name, line, lineEnd, column, columnEnd];
    });
    const flags = samples.flags[i]!;
    return [
      pid,
      iid === null ? null : String(iid),
      tid,
      frames,
      mode === 'memory' ? null : samples.timeUs[i]!,
      mode === 'memory' || mode === 'full' ? samples.memoryBytes[i]! : null,
      (flags & SampleFlag.Gc) !== 0,
      (flags & SampleFlag.Idle) !== 0,
    ];
  });
}

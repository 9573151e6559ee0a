import {
  type Diagnostic,
  type FrameId,
  type FrameInfo,
  ProfileTables,
  parseThreadKey,
  SampleFlag,
  type StackId,
  type Thread,
  type ThreadId,
} from '@austin-profiler/profile';
import { THREAD_NAME_KEY } from './mojo-writer.js';
import { MojoReader, type ReadMojoOptions } from './to-profile.js';

/** One look at one thread. */
export interface MojoSample {
  readonly type: 'sample';
  /** Equal threads are the same object. */
  readonly thread: Thread;
  /** What the thread is called, if the recording has said so by then. */
  readonly threadName: string | undefined;
  /** The same number for equal stacks of one reading, for adding up samples without comparing frames. */
  readonly stack: StackId;
  /** Outermost first; made when asked for. Equal frames are the same object. */
  readonly frames: readonly FrameInfo[];
  /** µs that the sample stands for; 0 in mode `memory`. */
  readonly timeUs: number;
  /** Change of resident memory, bytes; 0 in modes `wall` and `cpu`. */
  readonly memoryBytes: number;
  readonly isGc: boolean;
  readonly isIdle: boolean;
  /** The stack could not be read whole. */
  readonly isInvalid: boolean;
  /** The thread held the interpreter lock; known in recordings whose metadata says `x-gil-holders`. */
  readonly holdsGil: boolean;
}

/** What a recording is made of, in its order. Diagnostics come last. */
export type MojoItem =
  | MojoSample
  | { readonly type: 'metadata'; readonly key: string; readonly value: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic };

/**
 * Reads a MOJO file, or with `live` a stream of one that is still being written, as samples and metadata. For programs
 * that look at samples one by one; what adds them up is faster with `readMojo` and a sink. Memory is that of the distinct
 * stacks.
 *
 * @throws AustinError as `readMojo` does, behind the samples that came before the damage
 */
export async function* readMojoSamples(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadMojoOptions = {},
): AsyncGenerator<MojoItem, void> {
  const tables = new ProfileTables();
  const frames: FrameInfo[] = [];
  const frameOf = (id: FrameId): FrameInfo => {
    const known = frames[id] ?? tables.frameInfo(id);
    frames[id] = known;
    return known;
  };
  let items: MojoItem[] = [];
  const reader = new MojoReader(
    {
      tables,
      addSample: (stack, thread, timeUs, memoryBytes, flags) => {
        items.push(sampleOf(tables, frameOf, stack, thread, timeUs, memoryBytes, flags));
      },
      addMetadata: (key, value) => {
        items.push({ type: 'metadata', key, value });
        const named = parseThreadKey(key, THREAD_NAME_KEY);
        if (named) tables.setThreadName(tables.internThread(named.pid, named.iid, named.tid), value);
      },
      addDiagnostic: (diagnostic) => items.push({ type: 'diagnostic', diagnostic }),
    },
    options,
  );
  const take = (): MojoItem[] => {
    const taken = items;
    items = [];
    return taken;
  };
  try {
    for await (const chunk of chunks) {
      reader.push(chunk);
      yield* take();
      if (reader.isStopped) break;
    }
    reader.end();
  } catch (error) {
    // What was read before it is not lost.
    yield* take();
    throw error;
  }
  yield* take();
}

function sampleOf(
  tables: ProfileTables,
  frameOf: (id: FrameId) => FrameInfo,
  stack: StackId,
  thread: ThreadId,
  timeUs: number,
  memoryBytes: number,
  flags: number,
): MojoSample {
  return {
    type: 'sample',
    thread: tables.thread(thread),
    threadName: tables.threadName(thread),
    stack,
    get frames() {
      return tables.stackFrames(stack).map(frameOf);
    },
    timeUs,
    memoryBytes,
    isGc: (flags & SampleFlag.Gc) !== 0,
    isIdle: (flags & SampleFlag.Idle) !== 0,
    isInvalid: (flags & SampleFlag.Invalid) !== 0,
    holdsGil: (flags & SampleFlag.HoldsGil) !== 0,
  };
}

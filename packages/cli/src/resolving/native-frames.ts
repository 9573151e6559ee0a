import {
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  type Profile,
  type ProfileTables,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';

/** As recorders of machine code write the file of a frame. */
const NATIVE_FILE = /^native@([0-9a-f]{1,16})$/;

/** The address of a frame that is known by nothing else, or undefined. */
export function addressOf(tables: ProfileTables, frame: FrameId): bigint | undefined {
  const fn = tables.frameFunction(frame);
  if (tables.functionKind(fn) !== FrameKind.Native) return undefined;
  const hex = NATIVE_FILE.exec(tables.string(tables.functionFile(fn)))?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}

/** A stack of machine code and Python, cut where it has to be told apart. */
export interface CutStack {
  /** What called the innermost frame: their addresses are those to which the calls return. */
  readonly callers: StackId;
  /** The frame that ran, or waited in the kernel; undefined for a stack of nothing else than the kernel. */
  readonly innermost: FrameId | undefined;
  /** Outermost first. */
  readonly kernel: readonly FrameId[];
}

export function cutStack(tables: ProfileTables, stack: StackId): CutStack {
  const kernel: FrameId[] = [];
  let at = stack;
  while (at !== EMPTY_STACK) {
    const frame = tables.stackFrame(at);
    if (tables.functionKind(tables.frameFunction(frame)) !== FrameKind.Kernel) break;
    kernel.push(frame);
    at = tables.stackParent(at);
  }
  kernel.reverse();
  if (at === EMPTY_STACK) return { callers: EMPTY_STACK, innermost: undefined, kernel };
  return { callers: tables.stackParent(at), innermost: tables.stackFrame(at), kernel };
}

/** The stacks that the samples of each process have. */
export function stacksByProcess({ samples, tables }: Profile): Map<number, Set<StackId>> {
  const stacks = new Map<number, Set<StackId>>();
  const ofThread: Set<StackId>[] = [];
  for (let i = 0; i < samples.length; i++) {
    const thread = samples.thread[i]! as ThreadId;
    let found = ofThread[thread];
    if (!found) {
      const { pid } = tables.thread(thread);
      found = stacks.get(pid) ?? new Set();
      stacks.set(pid, found);
      ofThread[thread] = found;
    }
    found.add(samples.stack[i]! as StackId);
  }
  return stacks;
}

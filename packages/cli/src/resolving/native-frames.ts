import {
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  type Mapping,
  nativeAddress,
  type Profile,
  type ProfileTables,
  recordedPlace,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';

/** The address of a frame that is known by nothing else, with the file that was mapped there if that is known; or undefined. */
export function addressOf(
  tables: ProfileTables,
  frame: FrameId,
): { readonly address: bigint; readonly mapping: Mapping | undefined } | undefined {
  const info = tables.frameInfo(frame);
  if (info.kind !== FrameKind.Native) return undefined;
  const hex = nativeAddress(recordedPlace(info).file);
  return hex ? { address: BigInt(`0x${hex}`), mapping: info.code?.mapping } : undefined;
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

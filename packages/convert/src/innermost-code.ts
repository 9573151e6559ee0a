import {
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  NO_CODE,
  type ProfileTables,
  type StackId,
} from '@austin-profiler/profile';

/** Where machine code ran, or called the kernel: every other address in a stack is one that a call returns to. */
export interface InnermostCode {
  /** The stack that ends with the frame. */
  readonly stack: StackId;
  /** What it called in the kernel, outermost first. */
  readonly kernel: readonly FrameId[];
}

/** The innermost frame of a stack, kernel aside, if it is machine code of a mapped file. */
export function innermostCode(tables: ProfileTables, stack: StackId): InnermostCode | undefined {
  if (tables.codeCount === 1) return undefined;
  const kernel: FrameId[] = [];
  let at = stack;
  for (; at !== EMPTY_STACK; at = tables.stackParent(at)) {
    const frame = tables.stackFrame(at);
    if (tables.functionKind(tables.frameFunction(frame)) !== FrameKind.Kernel) break;
    kernel.push(frame);
  }
  if (at === EMPTY_STACK || tables.frameCode(tables.stackFrame(at)) === NO_CODE) return undefined;
  return { stack: at, kernel: kernel.reverse() };
}

/**
 * The address by which tools look up the place of a frame: that of the instruction, or for a call one byte before the address it
 * returns to, which may belong to the next line.
 */
export function lookUpAddress(address: string, isCall: boolean): bigint {
  const recorded = BigInt(`0x${address}`);
  return isCall && recorded > 0n ? recorded - 1n : recorded;
}

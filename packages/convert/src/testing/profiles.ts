import {
  type Code,
  EMPTY_STACK,
  FrameKind,
  NO_CODE,
  type Profile,
  ProfileBuilder,
  type StackId,
} from '@austin-profiler/profile';

/** A frame as `file:name:line`, with an optional kind and columns. */
export interface TestFrame {
  readonly file: string;
  readonly name: string;
  readonly line?: number;
  readonly lineEnd?: number;
  readonly column?: number;
  readonly columnEnd?: number;
  readonly kind?: FrameKind;
  readonly code?: Code;
  /** Of the function. */
  readonly firstLine?: number;
}

export function py(file: string, name: string, line = 0): TestFrame {
  return { file, name, line };
}

export function addStack(builder: ProfileBuilder, frames: readonly TestFrame[]): StackId {
  const { tables } = builder;
  let stack = EMPTY_STACK;
  for (const { file, name, kind, code, firstLine, line, lineEnd, column, columnEnd } of frames) {
    const names = [tables.internString(name), tables.internString(file)] as const;
    const fn = tables.internFunction(...names, firstLine ?? 0, kind ?? FrameKind.Python);
    const place = code ? tables.internCode(code) : NO_CODE;
    stack = tables.internStack(stack, tables.internFrame(fn, line, lineEnd, column, columnEnd, place));
  }
  return stack;
}

export interface TestSample {
  readonly frames?: readonly TestFrame[];
  readonly pid?: number;
  readonly iid?: number | null;
  readonly tid?: string;
  readonly timeUs?: number;
  readonly memoryBytes?: number;
  readonly flags?: number;
}

export function profileOf(
  metadata: Readonly<Record<string, string>>,
  samples: readonly TestSample[],
): Profile {
  const builder = new ProfileBuilder();
  for (const [key, value] of Object.entries(metadata)) builder.addMetadata(key, value);
  for (const sample of samples) {
    const { pid = 1, iid = 0, tid = '1' } = sample;
    builder.addSample(
      addStack(builder, sample.frames ?? []),
      builder.tables.internThread(pid, iid, tid),
      sample.timeUs ?? 0,
      sample.memoryBytes ?? 0,
      sample.flags ?? 0,
    );
  }
  return builder.build();
}

/** Everything a profile says, by value: equal profiles give equal results, whatever their ids. */
export function contents(profile: Profile): unknown {
  const { tables, samples, metadata, mode } = profile;
  return {
    mode,
    metadata,
    samples: Array.from({ length: samples.length }, (_, i) => ({
      thread: tables.thread(samples.thread[i]! as never),
      threadName: tables.threadName(samples.thread[i]! as never),
      frames: tables.stackFrames(samples.stack[i]! as never).map((frame) => tables.frameInfo(frame)),
      timeUs: samples.timeUs[i],
      memoryBytes: samples.memoryBytes[i],
      flags: samples.flags[i],
    })),
  };
}

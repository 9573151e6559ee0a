import { collapsedFrameText, readInto, writeProfile } from '@austin-profiler/convert';
import {
  EMPTY_STACK,
  type FrameId,
  InternTable,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
  ProfileTables,
  SampleFlag,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { type ConvertOutput, freeOutput } from '../converting/output.js';
import { printable } from '../output/printable.js';

/** What a stats file says of its recording, where the recording says it. */
const KEYS = ['austin', 'interval', 'mode', 'memory', 'multiprocess', 'python'];

const [NUMBER_SIGN, LINE_END] = [0x23, 0x0a];

/**
 * Saves what Austin TUI calls stats, in the current folder: what the recording says of itself as `# key: value`, an empty line, and
 * for each thread and stack one line with the sum of its time, or of the memory that it took. Memory given back is not in it.
 * Each stack that differs is held in memory, and not each sample.
 *
 * @param chunks a recording as MOJO
 * @param pid of the target, for the name of the file
 * @returns what to say of it
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_OUTPUT_WRITE`, and what reading the recording throws
 */
export async function saveStats(chunks: AsyncIterable<Uint8Array>, pid: number): Promise<string> {
  const output = freeOutput(`austin_${Math.floor(Date.now() / 1000)}_${pid}`, '.aprof');
  try {
    const sums = new StackSums();
    await readInto(chunks, sums, { format: 'mojo' });
    await write(sums.build(), output);
    output.commit();
  } catch (error) {
    output.abort();
    throw error;
  }
  return `Stats saved as ${printable(output.path ?? '')}`;
}

/** As collapsed text, with an empty line before the first sample. */
async function write(profile: Profile, output: ConvertOutput): Promise<void> {
  let isHeadWritten = false;
  for await (const chunk of writeProfile(profile, 'collapsed')) {
    // It is short, and in the first chunk.
    const head = isHeadWritten ? 0 : headLength(chunk);
    if (!isHeadWritten) await output.write(Buffer.concat([chunk.subarray(0, head), Buffer.of(LINE_END)]));
    isHeadWritten = true;
    await output.write(chunk.subarray(head));
  }
}

function headLength(text: Uint8Array): number {
  let length = 0;
  while (text[length] === NUMBER_SIGN) length = text.indexOf(LINE_END, length) + 1;
  return length;
}

/** Adds up the samples of each thread whose stacks read the same. */
class StackSums implements ProfileSink {
  readonly tables = new ProfileTables();
  readonly #metadata = new Map<string, string>();
  /** Thread, stack, and whether it was read whole. */
  readonly #rows = new InternTable(3);
  readonly #time: number[] = [];
  readonly #memory: number[] = [];
  readonly #frames = new Map<string, FrameId>();
  /** For each stack the first that reads the same: places that differ in their columns only are one in text. */
  readonly #stacks: StackId[] = [EMPTY_STACK];

  addSample(stack: StackId, thread: ThreadId, timeUs: number, memoryBytes: number, flags: number): void {
    const isMemory = this.#metadata.get('mode') === 'memory';
    if (isMemory && memoryBytes <= 0) return;
    const row = this.#rows.intern(thread, this.#sameAs(stack), flags & SampleFlag.Invalid);
    this.#time[row] = (this.#time[row] ?? 0) + timeUs;
    this.#memory[row] = (this.#memory[row] ?? 0) + memoryBytes;
  }

  addMetadata(key: string, value: string): void {
    if (KEYS.includes(key)) this.#metadata.set(key, value);
  }

  /** A recording of ours is whole up to where it is read. */
  addDiagnostic(): void {}

  #sameAs(wanted: StackId): StackId {
    const { tables } = this;
    // A stack comes after the one that it continues.
    for (let stack = this.#stacks.length as StackId; stack <= wanted; stack++) {
      const text = collapsedFrameText(tables.frameInfo(tables.stackFrame(stack)));
      const frame = this.#frames.get(text) ?? tables.stackFrame(stack);
      this.#frames.set(text, frame);
      this.#stacks[stack] = tables.internStack(this.#stacks[tables.stackParent(stack)]!, frame);
    }
    return this.#stacks[wanted]!;
  }

  build(): Profile {
    const builder = new ProfileBuilder(this.tables);
    for (const [key, value] of this.#metadata) builder.addMetadata(key, value);
    for (let row = 0; row < this.#rows.size; row++) {
      const [thread, stack, flags] = [0, 1, 2].map((column) => this.#rows.get(row, column));
      builder.addSample(stack as StackId, thread as ThreadId, this.#time[row]!, this.#memory[row]!, flags!);
    }
    return builder.build();
  }
}

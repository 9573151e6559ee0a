import { EMPTY_STACK, type FrameId, type ProfileTables, type StackId } from '@austin-profiler/profile';
import { ByteOutput } from './byte-output.js';

/** What a text of the frames of a stack looks like. */
export interface StackTextStyle {
  /** Asked once for each frame, in order of first use. */
  readonly frameText: (frame: FrameId) => string;
  /** The byte between two frames. */
  readonly separator: number;
}

/**
 * Writes the frames of stacks as text, outermost first; of the empty stack nothing.
 *
 * The text of a stack begins with that of the stack it was called from. Mostly that one has just been written for another
 * sample of the thread, and is copied from there.
 */
export class StackTexts {
  readonly #tables: ProfileTables;
  readonly #out: ByteOutput;
  readonly #style: StackTextStyle;
  /** The texts of all frames met so far. */
  readonly #frames = new ByteOutput();
  /** By frame: where its text is in `#frames`; an end of 0 = not met. */
  #frameStart = new Uint32Array(64);
  #frameEnd = new Uint32Array(64);
  /** By stack: where in the output its text was written last (0 = nowhere), and how long it is. */
  #place = new Float64Array(64);
  #length = new Uint32Array(64);
  /** The stacks whose frames are to be written, innermost first. */
  #missing = new Uint32Array(64);

  constructor(tables: ProfileTables, out: ByteOutput, style: StackTextStyle) {
    this.#tables = tables;
    this.#out = out;
    this.#style = style;
  }

  write(stack: StackId): void {
    const tables = this.#tables;
    const out = this.#out;
    if (stack >= this.#place.length) this.#growStacks();
    const places = this.#place;
    const lengths = this.#length;

    let missing = 0;
    let known = stack;
    while (known !== EMPTY_STACK && places[known]! < out.firstPlace) {
      if (missing === this.#missing.length)
        this.#missing = grown(this.#missing, new Uint32Array(missing * 2));
      this.#missing[missing++] = known;
      known = tables.stackParent(known);
    }

    const start = out.place;
    if (known !== EMPTY_STACK) {
      out.again(places[known]!, lengths[known]!);
      places[known] = start;
    }
    while (missing > 0) {
      const id = this.#missing[--missing]! as StackId;
      if (tables.stackParent(id) !== EMPTY_STACK) out.byte(this.#style.separator);
      this.#writeFrame(tables.stackFrame(id));
      places[id] = start;
      lengths[id] = out.place - start;
    }
  }

  #writeFrame(frame: FrameId): void {
    if (frame >= this.#frameEnd.length || this.#frameEnd[frame] === 0) this.#addFrame(frame);
    this.#out.bytes(this.#frames.buffer, this.#frameStart[frame]!, this.#frameEnd[frame]!);
  }

  #addFrame(frame: FrameId): void {
    if (frame >= this.#frameEnd.length) {
      const capacity = Math.max(frame + 1, this.#frameEnd.length * 2);
      this.#frameStart = grown(this.#frameStart, new Uint32Array(capacity));
      this.#frameEnd = grown(this.#frameEnd, new Uint32Array(capacity));
    }
    this.#frameStart[frame] = this.#frames.length;
    this.#frames.text(this.#style.frameText(frame));
    this.#frameEnd[frame] = this.#frames.length;
  }

  #growStacks(): void {
    const capacity = Math.max(this.#tables.stackCount, this.#place.length * 2);
    this.#place = grown(this.#place, new Float64Array(capacity));
    this.#length = grown(this.#length, new Uint32Array(capacity));
  }
}

function grown<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

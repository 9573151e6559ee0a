/** A file can name a million threads: what remembers nothing takes no memory of its own. */
const NO_BYTES = new Uint8Array(0);
const NO_ENDS = new Uint32Array(0);

/**
 * The bytes of the events that name the first frames of a path. A sample that begins with the same bytes has the same
 * frames, which are then found without reading a single key.
 */
export class PathRefs {
  #bytes: Uint8Array = NO_BYTES;
  /** Where the event of each frame ends in `#bytes`. */
  #ends: Uint32Array = NO_ENDS;
  #depth = 0;

  /** How many frames are remembered. */
  get depth(): number {
    return this.#depth;
  }

  /** Forgets all but the outermost `depth` frames. */
  cut(depth: number): void {
    if (depth < this.#depth) this.#depth = depth;
  }

  /** Where in a run of references that begins at `start` the one of frame `depth` begins, if the path begins at `from`. */
  offset(depth: number, from: number): number {
    return this.#start(depth) - this.#start(from);
  }

  /**
   * Remembers the frame at `depth`, and forgets those called from there; does nothing if not all before it are remembered.
   *
   * @param start the event is in `bytes` from here to `end`
   */
  set(depth: number, bytes: Uint8Array, start: number, end: number): void {
    if (depth > this.#depth) return;
    if (depth === this.#ends.length) this.#ends = grown(this.#ends, new Uint32Array(Math.max(16, depth * 2)));
    let at = this.#start(depth);
    while (at + end - start > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(64, this.#bytes.length * 2)));
    }
    for (let from = start; from < end; from++) this.#bytes[at++] = bytes[from]!;
    this.#ends[depth] = at;
    this.#depth = depth + 1;
  }

  /**
   * The depth of the path that the references from `start` on lead to.
   *
   * @param from the depth at which they begin, remembered
   */
  match(from: number, bytes: Uint8Array, start: number): number {
    const known = this.#bytes;
    const begin = this.#start(from);
    const end = Math.min(this.#start(this.#depth), begin + bytes.length - start);
    const shift = start - begin;
    let at = begin;
    while (at < end && known[at] === bytes[at + shift]) at++;
    let depth = this.#depth;
    // Mostly it is the innermost frames that differ.
    while (depth > from && this.#ends[depth - 1]! > at) depth--;
    return depth;
  }

  #start(depth: number): number {
    return depth === 0 ? 0 : this.#ends[depth - 1]!;
  }
}

function grown<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

interface Entry<V> {
  readonly bytes: Uint8Array;
  readonly value: V;
  readonly next: Entry<V> | undefined;
}

/** A map whose keys are byte ranges, so that a text met a million times is decoded once. */
export class ByteMap<V> {
  readonly #entries = new Map<number, Entry<V>>();
  /** Not known to who made a file: it cannot hold a million names of one hash. */
  readonly #seed = Math.floor(Math.random() * 0x100000000);

  get(bytes: Uint8Array, start: number, end: number): V | undefined {
    let entry = this.#entries.get(hashBytes(this.#seed, bytes, start, end));
    while (entry !== undefined && !equalBytes(entry.bytes, bytes, start, end)) entry = entry.next;
    return entry?.value;
  }

  /** Adds a key that is not in the map. The range is copied. */
  add(bytes: Uint8Array, start: number, end: number, value: V): void {
    const hash = hashBytes(this.#seed, bytes, start, end);
    this.#entries.set(hash, { bytes: bytes.slice(start, end), value, next: this.#entries.get(hash) });
  }
}

/** FNV-1a from a seed, cut to the 30 bits that engines keep unboxed. */
function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fffffff;
}

/** Whether `known` is what `bytes` has from `start` to `end`. */
export function equalBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}

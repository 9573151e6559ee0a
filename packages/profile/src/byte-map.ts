/** What a map is made with takes no memory: a file can name a million threads in a million processes. */
const NO_BYTES = new Uint8Array(0);
const NO_NUMBERS = new Uint32Array(0);

/** A map whose keys are byte ranges, so that a text met a million times is decoded once. */
export class ByteMap<V> {
  readonly #values: V[] = [];
  /** The keys, one after another, and where each ends. */
  #keys: Uint8Array = NO_BYTES;
  #ends: Uint32Array = NO_NUMBERS;
  /** Number of the key + 1, by hash; 0 = empty. */
  #slots: Uint32Array = NO_NUMBERS;

  get(bytes: Uint8Array, start: number, end: number): V | undefined {
    const slots = this.#slots;
    if (slots.length === 0) return undefined;
    const mask = slots.length - 1;
    let slot = hashBytes(bytes, start, end) & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (this.#isKey(entry - 1, bytes, start, end)) return this.#values[entry - 1];
      slot = (slot + 1) & mask;
    }
    return undefined;
  }

  /** Adds a key that is not in the map. The range is copied. */
  add(bytes: Uint8Array, start: number, end: number, value: V): void {
    const key = this.#values.push(value) - 1;
    const keyStart = this.#start(key);
    const keyEnd = keyStart + end - start;
    if (keyEnd > this.#keys.length) {
      this.#keys = copied(this.#keys, new Uint8Array(Math.max(keyEnd, this.#keys.length * 2)));
    }
    this.#keys.set(bytes.subarray(start, end), keyStart);
    if (key === this.#ends.length) this.#ends = copied(this.#ends, new Uint32Array(Math.max(4, key * 2)));
    this.#ends[key] = keyEnd;
    if (this.#values.length * 2 > this.#slots.length) this.#rehash();
    else this.#place(key);
  }

  #isKey(key: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#start(key);
    if (this.#ends[key]! - from !== end - start) return false;
    const keys = this.#keys;
    for (let i = 0; i < end - start; i++) if (keys[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #start(key: number): number {
    return key === 0 ? 0 : this.#ends[key - 1]!;
  }

  #place(key: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashBytes(this.#keys, this.#start(key), this.#ends[key]!) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = key + 1;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(Math.max(8, this.#slots.length * 2));
    for (let key = 0; key < this.#values.length; key++) this.#place(key);
  }
}

function copied<A extends Uint8Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Not known to who made a file: it cannot hold a million names of one hash. */
const SEED = Math.floor(Math.random() * 0x100000000);

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash ^ four, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Whether `known` is what `bytes` has from `start` to `end`. */
export function equalBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}

import type { MojoInt } from './varint.js';

/** What {@link KeyMap.get} says of a key that is not there. */
export const NO_VALUE = -1;

/** A file can name a million processes that define nothing: a map without entries takes no memory of its own. */
const NO_KEYS = new Float64Array(1);
const NO_VALUES = new Uint32Array(1);

/**
 * A map from integers of the wire to ids, which are whole numbers of 0 or more. Recorders use addresses as keys, beyond
 * 32 bits, which a Map would box; here they lie in typed arrays, found by open addressing.
 */
export class KeyMap {
  #keys: Float64Array = NO_KEYS;
  /** By slot; value + 1, so that 0 is none. */
  #values: Uint32Array = NO_VALUES;
  #size = 0;
  /** Keys that are not exact as a double. */
  #long: Map<bigint, number> | undefined;

  get(key: MojoInt): number {
    if (typeof key !== 'number') return this.#long?.get(key) ?? NO_VALUE;
    return this.#values[this.#slot(key)]! - 1;
  }

  set(key: MojoInt, value: number): void {
    if (typeof key !== 'number') {
      this.#long ??= new Map();
      this.#long.set(key, value);
      return;
    }
    const slot = this.#slot(key);
    if (this.#values[slot] === 0 && ++this.#size * 2 > this.#keys.length) {
      this.#rehash();
      this.#put(this.#slot(key), key, value);
      return;
    }
    this.#put(slot, key, value);
  }

  #put(slot: number, key: number, value: number): void {
    this.#keys[slot] = key;
    this.#values[slot] = value + 1;
  }

  /** Where a key is, or where it would go. */
  #slot(key: number): number {
    const keys = this.#keys;
    const values = this.#values;
    const mask = keys.length - 1;
    let slot = hashKey(key) & mask;
    while (values[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  #rehash(): void {
    const keys = this.#keys;
    const values = this.#values;
    const length = Math.max(8, keys.length * 2);
    this.#keys = new Float64Array(length);
    this.#values = new Uint32Array(length);
    for (let slot = 0; slot < keys.length; slot++) {
      if (values[slot] !== 0) this.#put(this.#slot(keys[slot]!), keys[slot]!, values[slot]! - 1);
    }
  }
}

/** Not known to who made a file: it cannot hold a million keys of one slot. */
const SEED = Math.floor(Math.random() * 0x100000000);

function hashKey(key: number): number {
  const high = Math.floor(key / 0x100000000);
  let hash = Math.imul((key | 0) ^ SEED, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ high, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

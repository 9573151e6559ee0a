/** Numbers of a row: parent, label, first child, next sibling; 0 for none of the last two, which the root never is. */
const WIDTH = 4;
const PARENT = 0;
const LABEL = 1;
const CHILD = 2;
const SIBLING = 3;

/** So many children of a node are looked through one by one; those that come later are found by hash. */
const MAX_LISTED = 2;

const NO_LABEL = 0xffffffff;

/** The node that has no parent. */
export const ROOT = 0;

/**
 * A tree whose nodes are known by the labels on the way to them, which are unsigned 32-bit numbers. A node is a row of a typed array,
 * numbered in order of first appearance, after its parent.
 *
 * Children are found from their parent: what is added below a node that was just added, as most stacks are, touches no other
 * memory.
 */
export class PrefixTree {
  #rows = new Uint32Array(64 * WIDTH);
  #size = 1;
  /** The children of nodes with many, by hash of parent and label; 0 = empty. */
  #slots = new Uint32Array(0);
  #slotted = 0;

  constructor() {
    this.#rows.fill(NO_LABEL, 0, CHILD);
  }

  /** How many nodes there are, the root included. */
  get size(): number {
    return this.#size;
  }

  /** The root has no parent: do not ask. */
  parent(node: number): number {
    return this.#rows[node * WIDTH + PARENT]!;
  }

  /** The label between a node and its parent. The root has none: do not ask. */
  label(node: number): number {
    return this.#rows[node * WIDTH + LABEL]!;
  }

  /** The child of `parent` with this label, added if it is not there. */
  child(parent: number, label: number): number {
    const rows = this.#rows;
    let listed = 0;
    let node = rows[parent * WIDTH + CHILD]!;
    while (node !== 0) {
      if (rows[node * WIDTH + LABEL] === label) return node;
      node = rows[node * WIDTH + SIBLING]!;
      listed++;
    }
    return listed < MAX_LISTED ? this.#list(parent, label) : this.#hashed(parent, label);
  }

  #list(parent: number, label: number): number {
    const node = this.#add(parent, label);
    const rows = this.#rows;
    rows[node * WIDTH + SIBLING] = rows[parent * WIDTH + CHILD]!;
    rows[parent * WIDTH + CHILD] = node;
    return node;
  }

  #hashed(parent: number, label: number): number {
    if ((this.#slotted + 1) * 2 > this.#slots.length) this.#rehash();
    const rows = this.#rows;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(parent, label) & mask;
    for (let node = slots[slot]!; node !== 0; node = slots[slot]!) {
      if (rows[node * WIDTH + PARENT] === parent && rows[node * WIDTH + LABEL] === label) return node;
      slot = (slot + 1) & mask;
    }
    this.#slotted++;
    slots[slot] = this.#size;
    return this.#add(parent, label);
  }

  #add(parent: number, label: number): number {
    const node = this.#size++;
    const at = node * WIDTH;
    if (at === this.#rows.length) {
      const grown = new Uint32Array(this.#rows.length * 2);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[at + PARENT] = parent;
    this.#rows[at + LABEL] = label;
    return node;
  }

  #rehash(): void {
    const rows = this.#rows;
    const slots = new Uint32Array(Math.max(64, this.#slots.length * 2));
    const mask = slots.length - 1;
    for (const node of this.#slots) {
      if (node === 0) continue;
      let slot = hash(rows[node * WIDTH + PARENT]!, rows[node * WIDTH + LABEL]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = node;
    }
    this.#slots = slots;
  }
}

function hash(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

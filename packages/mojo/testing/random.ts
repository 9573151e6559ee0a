import {
  EMPTY_STACK,
  FrameKind,
  type Mode,
  type Profile,
  ProfileBuilder,
  type StackId,
} from '@austin-profiler/profile';
import type { MojoVersion } from '../src/version.js';
import type { MojoInt } from '../src/wire/varint.js';
import { toMojoInt } from '../src/wire/varint.js';

/** A small seeded generator (xorshift32), so that a failure can be run again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 0x9e3779b9) | 1;
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bool(oneIn = 2): boolean {
    return this.below(oneIn) === 0;
  }

  /** Any integer of up to 64 bits, small ones most often. */
  int(): MojoInt {
    let value = 0n;
    const bits = this.pick([3, 6, 13, 20, 27, 32, 48, 53, 54, 63, 64]);
    for (let i = 0; i < bits; i++) value = (value << 1n) | BigInt(this.below(2));
    return toMojoInt(this.bool(3) ? -value : value);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Cuts bytes into chunks of random length, some of them empty. */
  *split(bytes: Uint8Array): Generator<Uint8Array> {
    const longest = this.pick([1, 3, 10, 100]);
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + this.below(longest + 1));
      yield bytes.slice(at, end);
      at = end;
    }
  }
}

const TEXTS = [
  '',
  'main',
  'a.py',
  '<module>',
  'é.py',
  '\ufeffbom',
  '\ufffd',
  '漢字',
  'x'.repeat(300),
  'native@7f00',
];

/** A profile that MOJO of this version can hold without loss. */
export function randomProfile(random: Random, version: MojoVersion, samples: number): Profile {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  const mode: Mode = random.pick(['wall', 'cpu', 'memory', 'full']);
  builder.addMetadata('mode', mode);
  const stacks: StackId[] = [EMPTY_STACK];
  for (let i = 0; i < samples; i++) {
    if (random.bool(10)) builder.addMetadata(random.pick(['x-note', 'map', 'gc']), random.pick(TEXTS));
    const frame = randomFrame(random, builder, version);
    const parent = random.pick(stacks);
    const leaf = parent === EMPTY_STACK ? undefined : tables.frameFunction(tables.stackFrame(parent));
    // Kernel frames are innermost.
    if (leaf === undefined || tables.functionKind(leaf) !== FrameKind.Kernel) {
      stacks.push(tables.internStack(parent, frame));
    }
    const stack = random.bool() ? stacks.at(-1)! : random.pick(stacks);
    const iid = version >= 3 ? random.pick([0, 0, 1, -1]) : null;
    const thread = tables.internThread(
      random.pick([1, 2, 300]),
      iid,
      random.pick(['1', '12c', 'Thread-1 (é)']),
    );
    const time = mode === 'memory' ? 0 : random.below(100000);
    const memory = mode === 'memory' || mode === 'full' ? random.below(2 ** 31) - 2 ** 30 : 0;
    const flags = mode === 'full' ? random.below(8) : random.below(8) & ~2;
    for (let repeat = random.below(3); repeat >= 0; repeat--)
      builder.addSample(stack, thread, time, memory, flags);
  }
  builder.addMetadata('duration', '1');
  return builder.build();
}

function randomFrame(random: Random, { tables }: ProfileBuilder, version: MojoVersion) {
  const name = tables.internString(random.pick(TEXTS));
  if (random.bool(12)) {
    return tables.internFrame(
      tables.internFunction(name, tables.internString('kernel'), 0, FrameKind.Kernel),
    );
  }
  const file = random.pick([...TEXTS, '/usr/bin/tool', '']);
  const kind = file.startsWith('native@') ? FrameKind.Native : FrameKind.Python;
  const fn = tables.internFunction(name, tables.internString(file), 0, kind);
  const line = random.below(70000);
  if (version === 1 || random.bool(3)) return tables.internFrame(fn, line);
  return tables.internFrame(fn, line, line + random.below(3), 1 + random.below(90), 1 + random.below(90));
}

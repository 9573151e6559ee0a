import {
  EMPTY_STACK,
  FrameKind,
  type Mode,
  type Profile,
  ProfileBuilder,
  type StackId,
} from '@austin-profiler/profile';
import type { MojoEvent } from '../src/events.js';
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

/** Any events of a version in any order: what the event codec must carry, sense or not. */
export function randomEvents(random: Random, version: MojoVersion, count: number): MojoEvent[] {
  const hasPositions = version >= 2;
  const makers: (() => MojoEvent)[] = [
    () => ({ type: 'metadata', key: random.pick(TEXTS), value: random.pick(TEXTS) }),
    () => ({ type: 'metadata', key: '\ufffd', value: 'v', keyBytes: Uint8Array.of(0xff) }),
    () => {
      const iid = random.int();
      // Beyond 2^63 an interpreter id reads as the negative number that old recorders meant.
      const plain = typeof iid === 'bigint' ? 0 : iid;
      return {
        type: 'stack',
        pid: random.int(),
        iid: version >= 3 ? plain : null,
        thread: random.pick(TEXTS),
      };
    },
    () => ({
      type: 'frame',
      key: random.int(),
      file: random.int(),
      scope: random.int(),
      line: random.int(),
      lineEnd: hasPositions ? random.int() : 0,
      column: hasPositions ? random.int() : 0,
      columnEnd: hasPositions ? random.int() : 0,
    }),
    () => ({ type: 'frame-invalid' }),
    () => ({ type: 'frame-ref', key: random.int() }),
    () => ({ type: 'frame-kernel', scope: random.pick(TEXTS) }),
    () => ({ type: 'gc' }),
    () => ({ type: 'idle' }),
    () => ({ type: 'metric-time', value: random.int() }),
    () => ({ type: 'metric-memory', value: random.int() }),
    () => ({ type: 'string', key: random.int(), value: random.pick(TEXTS) }),
    () => ({ type: 'string-ref', key: random.int() }),
  ];
  if (version === 4) {
    makers.push(
      () => ({ type: 'stack-repeat' }),
      () => ({ type: 'task-stack', task: random.int(), name: random.int() }),
      () => ({ type: 'task-waiter', task: random.int(), waiter: random.int() }),
    );
  }
  return Array.from({ length: count }, () => random.pick(makers)());
}

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

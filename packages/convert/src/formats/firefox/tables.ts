import { type Code, FrameKind } from '@austin-profiler/profile';
import { lookUpAddress } from '../../innermost-code.js';
import { jsonList, jsonTable } from '../../json-lists.js';
import { SHOWN_ROOT, type ShownFunction, type ShownStacks } from '../../shown-stacks.js';
import { GARBAGE_COLLECTION } from '../../synthetic-names.js';
import { Category } from './categories.js';
import { type Lib, libKey } from './libs.js';

const nothing = () => 'null';

/** Texts, each once, numbered in order of first use. */
class Strings {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }
}

/** As the format numbers what functions come from. */
const LIBRARY = 1;

/** What all threads share: strings, functions, frames, the tree of stacks, and libraries. */
export class SharedTables {
  readonly stacks: ShownStacks;
  readonly libs: readonly Lib[];
  readonly strings = new Strings();

  constructor(stacks: ShownStacks, libs: readonly Lib[]) {
    this.stacks = stacks;
    this.libs = libs;
  }

  /** The `shared` object. Ask after all samples: tables hold what was used, and what comes later would be missing. */
  *pieces(): Iterable<string> {
    const { stacks, strings } = this;
    const functions = Array.from({ length: stacks.functionCount }, (_, id) => stacks.fn(id));
    const names = functions.map(({ name }) => strings.id(name));
    const sources = new Map<string, number>();
    for (const { file } of functions) if (file !== '' && !sources.has(file)) sources.set(file, sources.size);
    const files = [...sources.keys()];
    const fileNames = files.map((file) => strings.id(file));
    const libNames = this.libs.map(({ name }) => strings.id(name));
    const libs = new Map(this.libs.map((lib, at) => [libOf(lib), at]));
    const symbols = new NativeSymbols(stacks, libs);
    const number = (value: number) => (value === 0 ? 'null' : String(value));

    // Node 0 is above all stacks and is no stack: stack i is node i + 1.
    yield '{"stackTable":';
    yield* jsonTable(stacks.nodeCount - 1, {
      frame: (i) => String(stacks.frame(i + 1)),
      prefix: (i) => (stacks.parent(i + 1) === SHOWN_ROOT ? 'null' : String(stacks.parent(i + 1) - 1)),
    });
    yield ',"frameTable":';
    const fn = (frame: number) => functions[stacks.frameFunction(frame)]!;
    yield* jsonTable(stacks.frameCount, {
      address: (i) => String(addressOf(stacks, i)),
      inlineDepth: () => '0',
      category: (i) => String(categoryOf(fn(i))),
      subcategory: () => '0',
      func: (i) => String(stacks.frameFunction(i)),
      nativeSymbol: (i) => String(symbols.ofFrame[i] ?? null),
      innerWindowID: nothing,
      line: (i) => number(stacks.frameLine(i)),
      column: (i) => number(stacks.frameColumn(i)),
    });
    yield ',"funcTable":';
    yield* jsonTable(functions.length, {
      name: (i) => String(names[i]),
      isJS: () => 'false',
      relevantForJS: () => 'false',
      resource: (i) => String(symbols.libOfFunction.get(i) ?? -1),
      source: (i) => String(sources.get(functions[i]!.file) ?? null),
      lineNumber: (i) => number(functions[i]!.firstLine),
      columnNumber: nothing,
    });
    yield ',"resourceTable":';
    yield* jsonTable(libNames.length, {
      lib: (i) => String(i),
      name: (i) => String(libNames[i]),
      host: nothing,
      type: () => String(LIBRARY),
    });
    yield ',"nativeSymbols":';
    yield* jsonTable(symbols.list.length, {
      libIndex: (i) => String(symbols.list[i]!.lib),
      address: (i) => String(symbols.list[i]!.address),
      name: (i) => String(names[symbols.list[i]!.fn]),
      functionSize: nothing,
    });
    yield ',"sources":';
    yield* jsonTable(files.length, { uuid: nothing, filename: (i) => String(fileNames[i]) });
    yield ',"stringArray":';
    yield* jsonList(strings.texts.length, (i) => JSON.stringify(strings.texts[i]));
    yield '}';
  }
}

/** Symbols of libraries that frames are in, each once. */
class NativeSymbols {
  readonly list: { readonly lib: number; readonly address: number; readonly fn: number }[] = [];
  /** By frame. */
  readonly ofFrame: (number | undefined)[] = [];
  /** The library of each function of machine code; the first one, if it is in several. */
  readonly libOfFunction = new Map<number, number>();

  constructor(stacks: ShownStacks, libs: ReadonlyMap<string, number>) {
    const ids = new Map<string, number>();
    for (let frame = 0; frame < stacks.frameCount; frame++) {
      const code = stacks.frameCode(frame);
      if (!code) continue;
      const lib = libs.get(libKey(code.mapping))!;
      const fn = stacks.frameFunction(frame);
      if (!this.libOfFunction.has(fn)) this.libOfFunction.set(fn, lib);
      const address = relativeAddress(code, BigInt(`0x${code.address}`)) - code.offset;
      // Without an offset nobody knows where the function begins.
      if (code.offset === 0 || address < 0) continue;
      const key = `${lib} ${address} ${fn}`;
      const id = ids.get(key) ?? this.list.push({ lib, address, fn }) - 1;
      ids.set(key, id);
      this.ofFrame[frame] = id;
    }
  }
}

function libOf({ path, codeId }: Lib): string {
  return libKey({ path, ...(codeId !== null && { buildId: codeId }) });
}

/** As the file itself counts its code, the call of what called another; -1 for what is no machine code. */
function addressOf(stacks: ShownStacks, frame: number): number {
  const code = stacks.frameCode(frame);
  if (!code) return -1;
  return Math.max(-1, relativeAddress(code, lookUpAddress(code.address, stacks.isCall(frame))));
}

function relativeAddress({ mapping: { base, bias } }: Code, address: bigint): number {
  return Number(address - BigInt(`0x${bias ?? base}`));
}

function categoryOf({ kind, isMark, name }: ShownFunction): number {
  if (isMark) return name === GARBAGE_COLLECTION ? Category.GarbageCollection : Category.Other;
  switch (kind) {
    case FrameKind.Python:
      return Category.Python;
    case FrameKind.Native:
      return Category.Native;
    case FrameKind.Kernel:
      return Category.Kernel;
  }
}

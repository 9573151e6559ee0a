import { FrameKind } from '@austin-profiler/profile';
import { jsonList, jsonTable } from '../../json-lists.js';
import { SHOWN_ROOT, type ShownFunction, type ShownStacks } from '../../shown-stacks.js';
import { GARBAGE_COLLECTION } from '../../synthetic-names.js';
import { Category } from './categories.js';

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

/** What all threads share: strings, functions, frames and the tree of stacks. */
export class SharedTables {
  readonly stacks: ShownStacks;
  readonly strings = new Strings();

  constructor(stacks: ShownStacks) {
    this.stacks = stacks;
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
      address: () => '-1',
      inlineDepth: () => '0',
      category: (i) => String(categoryOf(fn(i))),
      subcategory: () => '0',
      func: (i) => String(stacks.frameFunction(i)),
      nativeSymbol: nothing,
      innerWindowID: nothing,
      line: (i) => number(stacks.frameLine(i)),
      column: (i) => number(stacks.frameColumn(i)),
    });
    yield ',"funcTable":';
    yield* jsonTable(functions.length, {
      name: (i) => String(names[i]),
      isJS: () => 'false',
      relevantForJS: () => 'false',
      resource: () => '-1',
      source: (i) => String(sources.get(functions[i]!.file) ?? null),
      lineNumber: (i) => number(functions[i]!.firstLine),
      columnNumber: nothing,
    });
    yield ',"resourceTable":{"lib":[],"name":[],"host":[],"type":[],"length":0}';
    yield ',"nativeSymbols":{"libIndex":[],"address":[],"name":[],"functionSize":[],"length":0}';
    yield ',"sources":';
    yield* jsonTable(files.length, { uuid: nothing, filename: (i) => String(fileNames[i]) });
    yield ',"stringArray":';
    yield* jsonList(strings.texts.length, (i) => JSON.stringify(strings.texts[i]));
    yield '}';
  }
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

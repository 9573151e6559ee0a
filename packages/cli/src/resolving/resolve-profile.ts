import {
  EMPTY_STACK,
  type FrameId,
  FrameKind,
  NO_CODE,
  type Profile,
  ProfileTables,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import type { SourceLine } from './addr2line.js';
import { cythonName, isCythonWrapper } from './cython-names.js';
import type { FoundAddress, Instruction, LookUps } from './look-ups.js';
import { cutStack, stacksByProcess } from './native-frames.js';

/** As the recorder names what it has no symbol for. */
const UNKNOWN_NAME = '<unknown>';

/** Names of C++ and Rust as compilers write them. */
const MANGLED = /^_[ZR]/;

const MAX_LINE = 0xffffffffn;

/**
 * The profile with places in source files where it had addresses of machine code. A frame that no line is known for has its
 * library in place of the file, and the offset in it in place of the line. What Cython has compiled gets the names it
 * had in Python, and wrappers around it are left out. With `inlines`, functions that were compiled into others are frames of their
 * own. Samples, threads and metadata stay as they are.
 */
export function resolveProfile(
  profile: Profile,
  lookUps: LookUps,
  { inlines = false }: { readonly inlines?: boolean } = {},
): Profile {
  const { tables: from, samples } = profile;
  const tables = new ProfileTables();
  for (let id = 0 as ThreadId; id < from.threadCount; id++) {
    const { pid, iid, tid } = from.thread(id);
    tables.internThread(pid, iid, tid);
    const name = from.threadName(id);
    if (name !== undefined) tables.setThreadName(id, name);
  }
  const copies = new Map<number, Map<StackId, StackId>>();
  for (const [pid, stacks] of stacksByProcess(profile)) {
    const find = (frame: FrameId, instruction: Instruction) => lookUps.find(pid, frame, instruction);
    const copier = new StackCopier(from, tables, find, inlines);
    copies.set(pid, new Map([...stacks].map((stack) => [stack, copier.copy(stack)])));
  }
  const stack = Uint32Array.from(
    samples.stack,
    (id, i) => copies.get(from.thread(samples.thread[i]! as ThreadId).pid)!.get(id as StackId)!,
  );
  return { ...profile, tables, samples: { ...samples, stack } };
}

/** Copies the stacks of one process. */
class StackCopier {
  readonly #from: ProfileTables;
  readonly #to: ProfileTables;
  readonly #find: (frame: FrameId, instruction: Instruction) => FoundAddress | undefined;
  readonly #hasInlines: boolean;
  readonly #callers = new Map<StackId, StackId>([[EMPTY_STACK, EMPTY_STACK]]);

  constructor(
    from: ProfileTables,
    to: ProfileTables,
    find: (frame: FrameId, instruction: Instruction) => FoundAddress | undefined,
    hasInlines: boolean,
  ) {
    this.#from = from;
    this.#to = to;
    this.#find = find;
    this.#hasInlines = hasInlines;
  }

  copy(stack: StackId): StackId {
    const { callers, innermost, kernel } = cutStack(this.#from, stack);
    let copy = this.#copyCallers(callers);
    if (innermost !== undefined) copy = this.#add(callers, copy, innermost, 'exact');
    for (const frame of kernel) copy = this.#to.internStack(copy, this.#frame(frame, 'exact'));
    return copy;
  }

  #copyCallers(stack: StackId): StackId {
    // Bottom-up without recursion: stacks may be ten thousand frames deep.
    const missing: StackId[] = [];
    let at = stack;
    let copy = this.#callers.get(at);
    while (copy === undefined) {
      missing.push(at);
      at = this.#from.stackParent(at);
      copy = this.#callers.get(at);
    }
    for (const id of missing.reverse()) {
      copy = this.#add(this.#from.stackParent(id), copy, this.#from.stackFrame(id), 'call');
      this.#callers.set(id, copy);
    }
    return copy;
  }

  /** Puts a frame on a stack, or in the place of the wrapper that called it. */
  #add(parent: StackId, copy: StackId, frame: FrameId, instruction: Instruction): StackId {
    const isWrapped = parent !== EMPTY_STACK && this.#isWrapperOf(this.#from.stackFrame(parent), frame);
    const below = isWrapped ? this.#callers.get(this.#from.stackParent(parent))! : copy;
    let added = this.#to.internStack(below, this.#frame(frame, instruction));
    if (!this.#hasInlines) return added;
    for (const inlined of this.#find(frame, instruction)?.place?.inlined ?? [])
      added = this.#to.internStack(added, this.#inlinedFrame(inlined));
    return added;
  }

  #isWrapperOf(caller: FrameId, frame: FrameId): boolean {
    const wrapper = this.#symbol(caller);
    if (!isCythonWrapper(wrapper)) return false;
    const name = cythonName(this.#symbol(frame));
    return name !== undefined && name === cythonName(wrapper);
  }

  /** Of machine code; empty for Python. */
  #symbol(frame: FrameId): string {
    const { kind, name } = this.#from.frameInfo(frame);
    return kind === FrameKind.Native ? name : '';
  }

  #inlinedFrame({ name, file, line }: SourceLine): FrameId {
    const to = this.#to;
    const names = [to.internString(name ?? UNKNOWN_NAME), to.internString(file ?? '')] as const;
    return to.internFrame(to.internFunction(...names, 0, FrameKind.Native), line);
  }

  #frame(id: FrameId, instruction: Instruction): FrameId {
    const to = this.#to;
    const frame = this.#from.frameInfo(id);
    const found = this.#find(id, instruction);
    const { kind, firstLine, lineEnd, column, columnEnd, code } = frame;
    const intern = (name: string, file: string, line: number): FrameId =>
      to.internFrame(
        to.internFunction(to.internString(name), to.internString(file), firstLine, kind),
        line,
        lineEnd,
        column,
        columnEnd,
        code ? to.internCode(code) : NO_CODE,
      );
    const name = kind === FrameKind.Native ? nameOf(frame.name, found) : frame.name;
    if (!found) return intern(name, frame.file, frame.line);
    const { place, path } = found;
    if (place?.file !== undefined && place.line > 0) return intern(name, place.file, place.line);
    const offset = instruction === 'call' ? found.offset + 1n : found.offset;
    return intern(name, path, offset <= MAX_LINE ? Number(offset) : 0);
  }
}

function nameOf(symbol: string, found: FoundAddress | undefined): string {
  const place = found?.place;
  // Without debug information addr2line names the nearest symbol, however far it is.
  const isKnown = symbol === UNKNOWN_NAME ? place?.file !== undefined : MANGLED.test(symbol);
  const better = isKnown ? place?.name : undefined;
  return cythonName(better ?? symbol) ?? better ?? symbol;
}

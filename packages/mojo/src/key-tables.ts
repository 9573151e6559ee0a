import {
  type FrameId,
  FrameKind,
  type Mapping,
  Mappings,
  nativeAddress,
  type ProfileTables,
  type StringId,
} from '@austin-profiler/profile';
import type { TroubleListener } from './diagnostic-counter.js';
import { KeyMap, NO_VALUE } from './wire/key-map.js';
import type { MojoInt } from './wire/varint.js';

/** String key that means "unknown", whatever a STRING says of it. */
const UNKNOWN_KEY = 1;

/** String key that, left undefined, means the empty string: a writer of the field uses it so. */
const EMPTY_KEY = 0;

/** What is shown for a name that the recorder did not know. */
export const UNKNOWN_NAME = '<unknown>';

/** File name of kernel frames, of which MOJO carries only the symbol. Collapsed text writes it so. */
export const KERNEL_FILE = 'kernel';

/** The keys of one process. Strings and frames are separate spaces. */
export interface ProcessKeys {
  /** To the ids of strings. */
  readonly strings: KeyMap;
  /** To the ids of frames. */
  readonly frames: KeyMap;
  /** How often a frame key got another meaning. What was remembered of frame keys holds while it stays. */
  redefinitions: number;
  /** Undefined before any STACK. */
  pid: number | undefined;
}

/**
 * What keys mean. They are addresses in the recorded process: sparse, reused, redefined, and the same number means
 * different things in two processes. A frame takes the values of its strings when it is defined, so a later
 * redefinition of a string does not rename it.
 */
export class KeyTables {
  readonly #tables: ProfileTables;
  readonly #troubles: TroubleListener;
  readonly #processes = new Map<MojoInt, ProcessKeys>();
  /** The latest definition of each key in any process: see {@link KeyTables.frame}. */
  readonly #any = emptyKeys();
  /** Of the process of the last STACK. Before any, definitions are held here for the first process. */
  #current = emptyKeys();
  readonly #mappings = new Mappings();
  #hasNativeFiles = false;

  constructor(tables: ProfileTables, troubles: TroubleListener) {
    this.#tables = tables;
    this.#troubles = troubles;
  }

  /** Whether any file name so far is that of a native frame. */
  get hasNativeFiles(): boolean {
    return this.#hasNativeFiles;
  }

  /** The keys of a process, made when it is first met; the first one inherits what was defined before it. */
  process(pid: MojoInt): ProcessKeys {
    let keys = this.#processes.get(pid);
    if (keys === undefined) {
      keys = this.#processes.size === 0 ? this.#current : emptyKeys();
      keys.pid = Number(pid);
      this.#processes.set(pid, keys);
      this.#mappings.noteSample(keys.pid);
    }
    return keys;
  }

  /** Metadata tells where libraries are. */
  addMetadata(key: string, value: string): void {
    this.#mappings.addMetadata(key, value);
  }

  /** Makes a process the one that definitions and references speak of. */
  select(keys: ProcessKeys): void {
    this.#current = keys;
  }

  defineString(key: MojoInt, value: string): void {
    const id = this.#tables.internString(value);
    this.#current.strings.set(key, id);
    this.#any.strings.set(key, id);
  }

  defineFrame(
    key: MojoInt,
    fileKey: MojoInt,
    scopeKey: MojoInt,
    line: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
    offset: number,
  ): void {
    const file = this.findString(fileKey, offset);
    const scope = this.findString(scopeKey, offset);
    const fileName = this.#tables.string(file);
    const address = nativeAddress(fileName);
    const isNative = address !== undefined || this.#mappings.isNativeFile(fileName);
    if (isNative) this.#hasNativeFiles = true;
    const mapping = address ? this.#mappings.find(this.#current.pid, BigInt(`0x${address}`)) : undefined;
    const id =
      address && mapping
        ? this.#mappedFrame(address, mapping, scope, line, lineEnd, column, columnEnd)
        : this.#frame(isNative, file, scope, line, lineEnd, column, columnEnd);
    const current = this.#current;
    const known = current.frames.get(key);
    if (known !== NO_VALUE && known !== id) current.redefinitions++;
    if (known !== id) current.frames.set(key, id);
    this.#any.frames.set(key, id);
  }

  #frame(
    isNative: boolean,
    file: StringId,
    scope: StringId,
    line: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
  ): FrameId {
    const kind = isNative ? FrameKind.Native : FrameKind.Python;
    return this.#tables.internFrame(
      this.#tables.internFunction(scope, file, 0, kind),
      toUint32(line),
      isLineEnd(isNative, line, lineEnd, column, columnEnd) ? toUint32(lineEnd) : 0,
      toUint32(column),
      toUint32(columnEnd),
    );
  }

  /** A native frame of a file that is known: the number in place of a line is how far it is in its function. */
  #mappedFrame(
    address: string,
    mapping: Mapping,
    scope: StringId,
    offset: MojoInt,
    lineEnd: MojoInt,
    column: MojoInt,
    columnEnd: MojoInt,
  ): FrameId {
    const tables = this.#tables;
    const file = tables.internString(mapping.path);
    const hasColumns = column !== 0 || columnEnd !== 0;
    return tables.internFrame(
      tables.internFunction(scope, file, 0, FrameKind.Native),
      0,
      hasColumns ? toUint32(lineEnd) : 0,
      toUint32(column),
      toUint32(columnEnd),
      tables.internCode({ address, offset: toUint32(offset), mapping }),
    );
  }

  /** The text of a string key; `<unknown>` for key 1 and, with a diagnostic, for one that nobody defined. */
  findString(key: MojoInt, offset: number): StringId {
    if (key === UNKNOWN_KEY) return this.#tables.internString(UNKNOWN_NAME);
    const id = this.#current.strings.get(key);
    if (id !== NO_VALUE) return id as StringId;
    if (key === EMPTY_KEY) return this.#tables.internString('');
    const other = this.#any.strings.get(key);
    if (other !== NO_VALUE) return other as StringId;
    const message = `Undefined string key ${key} at byte ${offset}.`;
    this.#troubles.report('ERR_MOJO_UNDEFINED_STRING', message, offset);
    return this.#tables.internString(UNKNOWN_NAME);
  }

  /** The frame of a key as the current process knows it. */
  frame(key: MojoInt, offset: number): FrameId {
    const id = this.#current.frames.get(key);
    return id === NO_VALUE ? this.foreignFrame(key, offset) : (id as FrameId);
  }

  /**
   * The frame of a key that the current process does not define. Austin 3.4.0 defines native frames under
   * the process of the sample before, so the latest definition in any process counts; failing that, an unknown
   * frame with a diagnostic.
   */
  foreignFrame(key: MojoInt, offset: number): FrameId {
    const other = this.#any.frames.get(key);
    if (other !== NO_VALUE) return other as FrameId;
    const message = `Undefined frame key ${key} at byte ${offset}.`;
    this.#troubles.report('ERR_MOJO_UNDEFINED_FRAME', message, offset);
    const unknown = this.#tables.internString(UNKNOWN_NAME);
    return this.#tables.internFrame(this.#tables.internFunction(unknown, unknown));
  }
}

function emptyKeys(): ProcessKeys {
  return { strings: new KeyMap(), frames: new KeyMap(), redefinitions: 0, pid: undefined };
}

/**
 * Whether a frame's line end is one. Without columns Austin 3.5 and 3.6 wrote the function's first line there, which is not
 * behind the line; lines of native code are distances in bytes.
 */
function isLineEnd(
  isNative: boolean,
  line: MojoInt,
  lineEnd: MojoInt,
  column: MojoInt,
  columnEnd: MojoInt,
): boolean {
  if (column !== 0 || columnEnd !== 0) return true;
  return !isNative && line > 0 && lineEnd >= line;
}

/** A line or column as the profile holds it; what does not fit is unknown. */
function toUint32(value: MojoInt): number {
  return value >= 0 && value <= 0xffffffff ? Number(value) : 0;
}

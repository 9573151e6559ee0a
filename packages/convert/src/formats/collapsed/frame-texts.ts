import {
  ByteMap,
  type FrameId,
  FrameKind,
  type Mappings,
  nativeAddress,
  type ProfileTables,
} from '@austin-profiler/profile';
import { textOf } from '../../byte-text.js';
import { type FrameText, GC_MARK, isInvalidMark, parseFrame } from './frames.js';

/** What a text between two separators of a stack is. */
export interface StackPiece {
  readonly mark: 'gc' | 'invalid' | undefined;
  /** The frame, if it is none of the marks. The mark of the garbage collector is a frame where others follow it. */
  readonly frame: FrameText | undefined;
  /** The frame in the tables, once it is in use. */
  id: FrameId | undefined;
  /** By process, where the frame is an address: each may have something else there. */
  readonly ids: Map<number, FrameId> | undefined;
}

/** How a function of the name of the mark and of no file looks. */
const GC_FRAME: FrameText = { kind: FrameKind.Python, file: '', name: 'GC', line: 0 };

const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** The frames of Austin's stacks, found by the bytes of their texts, each of which is read once. */
export class FrameTexts {
  readonly #tables: ProfileTables;
  readonly #mappings: Mappings;
  #known = new ByteMap<StackPiece>();

  constructor(tables: ProfileTables, mappings: Mappings) {
    this.#tables = tables;
    this.#mappings = mappings;
  }

  /** To be called when there is more in the mappings: frames may be something else from now on. */
  forget(): void {
    this.#known = new ByteMap();
  }

  /** What `bytes` have from `start` to `end`; undefined if it is neither a frame nor a mark. */
  find(bytes: Uint8Array, start: number, end: number): StackPiece | undefined {
    const known = this.#known.get(bytes, start, end);
    if (known || !canBePiece(bytes, start, end)) return known;
    const piece = pieceOf(textOf(bytes, start, end));
    if (piece) this.#known.add(bytes, start, end, piece);
    return piece;
  }

  /** The frame of a piece that is one, in a stack of a process. */
  frame(piece: StackPiece, pid: number): FrameId {
    const { ids } = piece;
    if (ids === undefined) {
      piece.id ??= this.#intern(piece.frame!);
      return piece.id;
    }
    const id = ids.get(pid) ?? this.#internAddress(piece.frame!, pid);
    ids.set(pid, id);
    return id;
  }

  #intern({ kind, name, file, line }: FrameText): FrameId {
    const tables = this.#tables;
    const ofFile = this.#mappings.isNativeFile(file) ? FrameKind.Native : kind;
    const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, ofFile);
    return tables.internFrame(fn, line);
  }

  #internAddress(frame: FrameText, pid: number): FrameId {
    const tables = this.#tables;
    const { name, file, line } = frame;
    const address = nativeAddress(file)!;
    const mapping = this.#mappings.find(pid, BigInt(`0x${address}`));
    if (!mapping) return this.#intern(frame);
    const names = [tables.internString(name), tables.internString(mapping.path)] as const;
    const fn = tables.internFunction(...names, 0, FrameKind.Native);
    const offset = line <= 0xffffffff ? line : 0;
    return tables.internFrame(fn, 0, 0, 0, 0, tables.internCode({ address, offset, mapping }));
  }
}

function pieceOf(text: string): StackPiece | undefined {
  const rest = { id: undefined, ids: undefined };
  if (text === GC_MARK) return { mark: 'gc', frame: GC_FRAME, ...rest };
  if (isInvalidMark(text)) return { mark: 'invalid', frame: undefined, ...rest };
  const frame = parseFrame(text);
  const isAddress = frame?.kind === FrameKind.Native && nativeAddress(frame.file);
  return frame && { mark: undefined, frame, id: undefined, ids: isAddress ? new Map() : undefined };
}

/** Frames end in a number behind a colon and marks in a colon: a look that costs nothing where much is tried. */
function canBePiece(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1;
  while (at > start && bytes[at]! >= ZERO && bytes[at]! <= NINE) at--;
  return at > start && bytes[at] === COLON;
}

import { ByteMap, type FrameId, FrameKind, type ProfileTables } from '@austin-profiler/profile';
import { textOf } from '../../byte-text.js';
import { type FrameText, GC_MARK, isInvalidMark, parseFrame } from './frames.js';

/** What a text between two separators of a stack is. */
export interface StackPiece {
  readonly mark: 'gc' | 'invalid' | undefined;
  /** The frame, if it is none of the marks. The mark of the garbage collector is a frame where others follow it. */
  readonly frame: FrameText | undefined;
  /** The frame in the tables, once it is in use. */
  id: FrameId | undefined;
}

/** How a function of the name of the mark and of no file looks. */
const GC_FRAME: FrameText = { kind: FrameKind.Python, file: '', name: 'GC', line: 0 };

const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** The frames of Austin's stacks, found by the bytes of their texts, each of which is read once. */
export class FrameTexts {
  readonly #tables: ProfileTables;
  readonly #known = new ByteMap<StackPiece>();

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /** What `bytes` have from `start` to `end`; undefined if it is neither a frame nor a mark. */
  find(bytes: Uint8Array, start: number, end: number): StackPiece | undefined {
    const known = this.#known.get(bytes, start, end);
    if (known || !canBePiece(bytes, start, end)) return known;
    const piece = pieceOf(textOf(bytes, start, end));
    if (piece) this.#known.add(bytes, start, end, piece);
    return piece;
  }

  /** The frame of a piece that is one. */
  frame(piece: StackPiece): FrameId {
    if (piece.id === undefined) {
      const tables = this.#tables;
      const { kind, name, file, line } = piece.frame!;
      const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, kind);
      piece.id = tables.internFrame(fn, line);
    }
    return piece.id;
  }
}

function pieceOf(text: string): StackPiece | undefined {
  if (text === GC_MARK) return { mark: 'gc', frame: GC_FRAME, id: undefined };
  if (isInvalidMark(text)) return { mark: 'invalid', frame: undefined, id: undefined };
  const frame = parseFrame(text);
  return frame && { mark: undefined, frame, id: undefined };
}

/** Frames end in a number behind a colon and marks in a colon: a look that costs nothing where much is tried. */
function canBePiece(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1;
  while (at > start && bytes[at]! >= ZERO && bytes[at]! <= NINE) at--;
  return at > start && bytes[at] === COLON;
}

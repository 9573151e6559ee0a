import { type Code, FrameKind, recordedPlace } from '@austin-profiler/profile';
import { kindByName } from '../../foreign-stacks.js';
import { type Place, parsePlace } from '../../place.js';

/**
 * The text of frames. Nothing is escaped in collapsed text, so names may contain its separators; the rules
 * here are the ones that give back most names.
 *
 * ```
 * filename ":" scope ":" line         Python; the scope is between the last two colons
 * "native@" hex ":" scope ":" line    native; the scope begins after the first colon (C++ has "::")
 * "kernel:" symbol ":0"               kernel
 * ```
 */
export interface FrameText {
  readonly kind: FrameKind;
  readonly file: string;
  readonly name: string;
  /** From 1; 0 = unknown. */
  readonly line: number;
}

/** First frame of a stack that could not be read whole. */
export const INVALID_MARK = ':INVALID:';
/** Last frame of a sample taken while the garbage collector ran. */
export const GC_MARK = ':GC:';
/** Debug builds of Austin end a stack they gave up on with this. */
const FRAMES_LEFT_MARK = /^:\d+ FRAMES LEFT:$/;

const KERNEL_FILE = 'kernel';

/** Tells whether a frame says that frames are missing. */
export function isInvalidMark(text: string): boolean {
  return text === INVALID_MARK || FRAMES_LEFT_MARK.test(text);
}

/** Reads a frame as Austin writes it; undefined if the text has not its shape. */
export function parseFrame(text: string): FrameText | undefined {
  const shape = frameShape(text);
  if (!shape) return undefined;
  const file = text.slice(0, shape.fileEnd);
  const name = text.slice(shape.fileEnd + 1, shape.scopeEnd);
  const line = Number(text.slice(shape.scopeEnd + 1));
  if (file === KERNEL_FILE) return { kind: FrameKind.Kernel, file, name, line: 0 };
  return { kind: isNativeFile(file) ? FrameKind.Native : FrameKind.Python, file, name, line };
}

function isNativeFile(file: string): boolean {
  return file.startsWith('native@');
}

function frameShape(text: string): { fileEnd: number; scopeEnd: number } | undefined {
  const scopeEnd = text.lastIndexOf(':');
  if (scopeEnd < 1 || !isDigits(text, scopeEnd + 1)) return undefined;
  const isMachineCode = isNativeFile(text) || text.startsWith(`${KERNEL_FILE}:`);
  const fileEnd = isMachineCode ? text.indexOf(':') : text.lastIndexOf(':', scopeEnd - 1);
  return fileEnd < 0 || fileEnd >= scopeEnd ? undefined : { fileEnd, scopeEnd };
}

function isDigits(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return from < text.length;
}

/** A place without its line, as py-spy writes frames of machine code. */
const WITHOUT_LINE = /^(.+) \(([^\s()]+\.\w+)\)$/;

/** Reads a frame of folded stacks of other programs: py-spy's, Austin's, or else just a name. */
export function parseFoldedFrame(text: string): FrameText {
  const place = parsePlace(text) ?? placeWithoutLine(text);
  if (place) return { ...place, kind: kindByName(place.name, place.file) };
  const frame = parseFrame(text);
  const isAustin = frame && (frame.file !== '' || frame.kind !== FrameKind.Python);
  if (!isAustin) return { kind: kindByName(text, ''), name: text, file: '', line: 0 };
  return frame.kind === FrameKind.Python ? { ...frame, kind: kindByName(frame.name, frame.file) } : frame;
}

function placeWithoutLine(text: string): Place | undefined {
  const match = WITHOUT_LINE.exec(text);
  return match ? { name: match[1]!, file: match[2]!, line: 0 } : undefined;
}

/** The text of a frame, with names that cannot break the line. */
export function frameText(frame: FrameText & { readonly code?: Code }): string {
  if (frame.kind === FrameKind.Kernel) return `${KERNEL_FILE}:${safeName(frame.name)}:0`;
  const { file, line } = recordedPlace(frame);
  return `${safeName(file)}:${safeName(frame.name)}:${line}`;
}

/** A name without the characters that end a frame or a line. */
export function safeName(name: string): string {
  return /[;\r\n]/.test(name) ? name.replaceAll(';', ':').replace(/[\r\n]/g, ' ') : name;
}

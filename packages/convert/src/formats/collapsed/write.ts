import {
  FrameKind,
  MappingNotes,
  MODES,
  type Mode,
  metadataValue,
  NATIVE_FILE_KEY,
  type Profile,
  SampleFlag,
  type ThreadId,
} from '@austin-profiler/profile';
import type { ByteOutput } from '../../byte-output.js';
import type { Piece } from '../../format.js';
import { type LineWriter, writeLines } from '../../line-stream.js';
import { StackTexts } from '../../stack-texts.js';
import { mapThreadKey, THREAD_IDS_KEY, threadIds, threadIdText } from '../../thread-ids.js';
import { countsSamples } from '../../weights.js';
import { frameText, GC_MARK, INVALID_MARK, parseFoldedFrame, safeName } from './frames.js';
import { FOLDED_THREAD } from './read.js';

const SEPARATOR = 0x3b;
const BLANK = 0x20;
const COMMA = 0x2c;
const LINE_END = 0x0a;
const ZERO = 0x30;

/** Writes collapsed text: metadata in its place among the samples, one line per sample. */
export function writeCollapsed(profile: Profile): Iterable<Piece> {
  return writeLines(profile, collapsedLines);
}

/**
 * The lines of collapsed text. The metric follows the `mode` in force, so a profile without one gets the line that makes
 * its numbers readable.
 *
 * @param profile tells how lines look; the samples may be others, of the same tables
 */
export function collapsedLines(profile: Profile, out: ByteOutput): LineWriter {
  const isFolded = countsSamples(profile);
  const prefixOf = threadPrefixes(profile, isFolded);
  const stacks = new StackTexts(profile.tables, out, {
    frameText: (frame) => textOf(profile.tables.frameInfo(frame), isFolded),
    separator: SEPARATOR,
  });
  const tidText = threadIdText(profile);
  // That ids are decimal goes without saying in collapsed text.
  const impliesIds = threadIds(profile) !== 'name';
  const mappings = new MappingNotes(profile.tables);
  let mode: Mode = profile.mode;

  return {
    head() {
      if (!isFolded && metadataValue(profile, 'mode') === undefined) out.text(`# mode: ${mode}\n`);
    },
    metadata(key, value) {
      if (key === THREAD_IDS_KEY && impliesIds) return;
      if (key === 'mode') mode = MODES.find((known) => known === value) ?? mode;
      mappings.addMetadata(key, value);
      out.text(`# ${safeKey(mapThreadKey(key, tidText))}: ${oneLine(value)}\n`);
    },
    sample(stack, thread, timeUs, memoryBytes, flags) {
      for (const [key, value] of mappings.before(profile.tables.thread(thread).pid, stack))
        out.text(`# ${key}: ${nameInFrames(key, value)}\n`);
      const start = out.place;
      out.bytes(prefixOf(thread));
      if (flags & SampleFlag.Invalid) writePart(out, start, INVALID_MARK);
      const stackPlace = out.place;
      if (stackPlace > start) out.byte(SEPARATOR);
      const firstFrame = out.place;
      stacks.write(stack);
      if (out.place === firstFrame) out.undo(stackPlace);
      if (flags & SampleFlag.Gc) writePart(out, start, GC_MARK);
      out.byte(BLANK);
      writeMetrics(out, mode, timeUs, memoryBytes, flags);
      out.byte(LINE_END);
    },
  };
}

/** Parts follow each other with a separator between them. */
function writePart(out: ByteOutput, lineStart: number, text: string): void {
  if (out.place > lineStart) out.byte(SEPARATOR);
  out.text(text);
}

function writeMetrics(out: ByteOutput, mode: Mode, timeUs: number, memoryBytes: number, flags: number): void {
  if (mode === 'memory') {
    out.number(memoryBytes);
    return;
  }
  out.number(timeUs);
  if (mode !== 'full') return;
  out.byte(COMMA);
  out.byte(flags & SampleFlag.Idle ? ZERO + 1 : ZERO);
  out.byte(COMMA);
  out.number(memoryBytes);
}

function threadPrefixes(profile: Profile, isFolded: boolean): (id: ThreadId) => Uint8Array {
  const text = threadIdText(profile);
  const encoder = new TextEncoder();
  const known: Uint8Array[] = [];
  const prefix = (id: ThreadId): string => {
    const { pid, iid, tid } = profile.tables.thread(id);
    const { pid: foldedPid, tid: foldedTid } = FOLDED_THREAD;
    if (isFolded && pid === foldedPid && iid === null && tid === foldedTid) return '';
    return `P${pid};T${iid === null ? '' : `${iid}:`}${safeName(text(tid))}`;
  };
  return (id) => {
    known[id] ??= encoder.encode(prefix(id));
    return known[id];
  };
}

function textOf(frame: Parameters<typeof frameText>[0], isFolded: boolean): string {
  const isName = isFolded && frame.kind !== FrameKind.Kernel && frame.file === '' && frame.line === 0;
  if (!isName) return frameText(frame);
  const name = safeName(frame.name);
  return parseFoldedFrame(name).name === name ? name : frameText(frame);
}

/** The value of a note: names of files as frames have them. */
function nameInFrames(key: string, value: string): string {
  return key === NATIVE_FILE_KEY ? safeName(value) : value;
}

/** A key that ends where the reader ends it: at its first colon and blank. */
function safeKey(key: string): string {
  return oneLine(key).replaceAll(': ', ':');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

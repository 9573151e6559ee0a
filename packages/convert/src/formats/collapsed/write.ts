import {
  FrameKind,
  MODES,
  type Mode,
  metadataValue,
  type Profile,
  SampleFlag,
  type ThreadId,
} from '@austin-profiler/profile';
import { type LineWriter, writeLines } from '../../line-stream.js';
import { stackTexts } from '../../stack-texts.js';
import { mapThreadKey, THREAD_IDS_KEY, threadIds, threadIdText } from '../../thread-ids.js';
import { countsSamples } from '../../weights.js';
import { frameText, GC_MARK, INVALID_MARK, parseFoldedFrame, safeName } from './frames.js';
import { FOLDED_THREAD } from './read.js';

const MAX_KNOWN_STACKS = 1 << 14;

/** Writes collapsed text: metadata in its place among the samples, one line per sample. */
export function writeCollapsed(profile: Profile): Iterable<string> {
  return writeLines(profile, collapsedLines(profile));
}

/**
 * The lines of collapsed text. The metric follows the `mode` in force, so a profile without one gets the line that makes
 * its numbers readable.
 *
 * @param profile tells how lines look; the samples may be others, of the same tables
 */
export function collapsedLines(profile: Profile): LineWriter {
  const isFolded = countsSamples(profile);
  const prefixOf = threadPrefixes(profile, isFolded);
  const stackOf = stackTexts(profile, {
    frameText: (frame) => textOf(frame, isFolded),
    separator: ';',
    maxKnown: MAX_KNOWN_STACKS,
  });
  const tidText = threadIdText(profile);
  // That ids are decimal goes without saying in collapsed text.
  const impliesIds = threadIds(profile) !== 'name';
  let mode: Mode = profile.mode;

  return {
    head: !isFolded && metadataValue(profile, 'mode') === undefined ? `# mode: ${mode}\n` : '',
    metadata(key, value) {
      if (key === THREAD_IDS_KEY && impliesIds) return '';
      if (key === 'mode') mode = MODES.find((known) => known === value) ?? mode;
      return `# ${safeKey(mapThreadKey(key, tidText))}: ${oneLine(value)}\n`;
    },
    sample(stack, thread, timeUs, memoryBytes, flags) {
      const parts = [prefixOf(thread)];
      if (flags & SampleFlag.Invalid) parts.push(INVALID_MARK);
      parts.push(stackOf(stack));
      if (flags & SampleFlag.Gc) parts.push(GC_MARK);
      const metric = metrics(mode, timeUs, memoryBytes, flags);
      return `${parts.filter((part) => part !== '').join(';')} ${metric}\n`;
    },
  };
}

function metrics(mode: Mode, timeUs: number, memoryBytes: number, flags: number): string {
  switch (mode) {
    case 'wall':
    case 'cpu':
      return String(timeUs);
    case 'memory':
      return String(memoryBytes);
    case 'full':
      return `${timeUs},${flags & SampleFlag.Idle ? 1 : 0},${memoryBytes}`;
  }
}

function threadPrefixes(profile: Profile, isFolded: boolean): (id: ThreadId) => string {
  const text = threadIdText(profile);
  const known: string[] = [];
  return (id) => {
    known[id] ??= ((): string => {
      const { pid, iid, tid } = profile.tables.thread(id);
      const { pid: foldedPid, tid: foldedTid } = FOLDED_THREAD;
      if (isFolded && pid === foldedPid && iid === null && tid === foldedTid) return '';
      return `P${pid};T${iid === null ? '' : `${iid}:`}${safeName(text(tid))}`;
    })();
    return known[id];
  };
}

function textOf(frame: Parameters<typeof frameText>[0], isFolded: boolean): string {
  const isName = isFolded && frame.kind !== FrameKind.Kernel && frame.file === '' && frame.line === 0;
  if (!isName) return frameText(frame);
  const name = safeName(frame.name);
  return parseFoldedFrame(name).name === name ? name : frameText(frame);
}

/** A key that ends where the reader ends it: at its first colon and blank. */
function safeKey(key: string): string {
  return oneLine(key).replaceAll(': ', ':');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}

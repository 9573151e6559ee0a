import {
  type Code,
  type FrameInfo,
  FrameKind,
  type Profile,
  SampleFlag,
  type ThreadId,
} from '@austin-profiler/profile';
import type { ByteOutput } from '../../byte-output.js';
import type { Piece } from '../../format.js';
import { type LineWriter, writeLines } from '../../line-stream.js';
import { StackTexts } from '../../stack-texts.js';
import { threadIdText } from '../../thread-ids.js';

const COMMA = 0x2c;

const KINDS: Readonly<Record<FrameKind, string | undefined>> = {
  [FrameKind.Python]: undefined,
  [FrameKind.Native]: 'native',
  [FrameKind.Kernel]: 'kernel',
};

/**
 * Writes a line for each metadata entry and each sample, in order. Text is escaped as `JSON.stringify` does, lone
 * surrogates too, so that every name comes back as it was.
 */
export function writeJsonLines(profile: Profile): Iterable<Piece> {
  return writeLines(profile, jsonLines);
}

/** @param profile tells how lines look; the samples may be others, of the same tables */
export function jsonLines(profile: Profile, out: ByteOutput): LineWriter {
  const stacks = new StackTexts(profile.tables, out, {
    frameText: (frame) => frameText(profile.tables.frameInfo(frame)),
    separator: COMMA,
  });
  const threads = threadTexts(profile);
  return {
    head() {},
    metadata(key, value) {
      threads.forget();
      out.text(`${JSON.stringify({ type: 'metadata', key, value })}\n`);
    },
    sample(stack, thread, timeUs, memoryBytes, flags) {
      const marks =
        (flags & SampleFlag.Gc ? ',"gc":true' : '') +
        (flags & SampleFlag.Idle ? ',"idle":true' : '') +
        (flags & SampleFlag.Invalid ? ',"invalid":true' : '') +
        (flags & SampleFlag.HoldsGil ? ',"gil":true' : '');
      const weights = `"time":${timeUs},"memory":${memoryBytes}`;
      out.text(`{"type":"sample",${threads.members(thread)},${weights}${marks},"frames":[`);
      stacks.write(stack);
      out.text(']}\n');
    },
  };
}

/**
 * The members that tell of a thread. Its name is the last one the profile knows; while a recording is read, the last one
 * known by then.
 */
function threadTexts(profile: Profile): { members(id: ThreadId): string; forget(): void } {
  const text = threadIdText(profile);
  let known: string[] = [];
  return {
    forget() {
      known = [];
    },
    members(id) {
      known[id] ??= ((): string => {
        const { pid, iid, tid } = profile.tables.thread(id);
        const name = profile.tables.threadName(id);
        const thread = text(tid);
        const members = { pid, ...(iid !== null && { iid }), thread, ...(name !== undefined && { name }) };
        return JSON.stringify(members).slice(1, -1);
      })();
      return known[id];
    },
  };
}

/** What is unknown is left out. */
function frameText(frame: FrameInfo): string {
  const { kind, name, file, firstLine, line, lineEnd, column, columnEnd, code } = frame;
  const positions = Object.entries({ firstLine, line, lineEnd, column, columnEnd }).filter(
    ([, at]) => at !== 0,
  );
  const ofKind = KINDS[kind];
  return JSON.stringify({
    function: name,
    file,
    ...(ofKind !== undefined && { kind: ofKind }),
    ...Object.fromEntries(positions),
    ...(code && codeMembers(code)),
  });
}

/** Of machine code: where it was, and the address that tools look up in its file, with which a build id goes. */
function codeMembers({ address, offset, mapping }: Code): object {
  const { path, base, bias, buildId } = mapping;
  const inFile = BigInt(`0x${address}`) - BigInt(`0x${bias ?? base}`);
  return {
    address: `0x${address}`,
    ...(offset !== 0 && { offset }),
    module: path,
    ...(inFile >= 0n && { moduleAddress: `0x${inFile.toString(16)}` }),
    ...(buildId !== undefined && { buildId }),
  };
}

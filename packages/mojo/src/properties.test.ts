import { EMPTY_STACK } from '@austin-profiler/profile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyFile, anyRecording, chunkSizes, inChunks } from '../testing/arbitraries.js';
import {
  describeDiagnostics,
  describeMetadata,
  describeSamples,
  readProfile,
} from '../testing/describe-profile.js';
import { concat, toHex } from '../testing/fixtures.js';
import { withoutPlace } from '../testing/without-place.js';
import { decodeMojo, MojoDecoder } from './decode.js';
import { encodeMojo } from './encode.js';
import type { MojoEvent } from './events.js';
import { writeMojo } from './from-profile.js';
import { rewriteMojo } from './rewrite.js';

const SECONDS = 60_000;

describe('any events', () => {
  test('come back, with their places', { timeout: SECONDS }, () => {
    fc.assert(
      fc.property(anyFile, ({ version, events }) => {
        const bytes = encodeMojo(events, version);
        const decoded = decodeMojo(bytes, { strict: true });
        expect(decoded.version).toBe(version);
        expect(decoded.events.map(withoutPlace)).toEqual(events);
        let end = 4;
        for (const { offset, size } of decoded.events) {
          expect(offset).toBe(end);
          end += size;
        }
        expect(end).toBe(bytes.length);
      }),
    );
  });

  test('come back whatever the chunks, which may be reused', { timeout: SECONDS }, () => {
    fc.assert(
      fc.property(anyFile, chunkSizes, ({ version, events }, sizes) => {
        const decoder = new MojoDecoder({ strict: true });
        const decoded = [];
        for (const chunk of inChunks(encodeMojo(events, version), sizes))
          decoded.push(...decoder.push(chunk));
        decoder.end();
        expect(decoded.map(withoutPlace)).toEqual(events);
      }),
    );
  });

  test('are rewritten byte for byte', { timeout: SECONDS }, async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, chunkSizes, async ({ version, events }, sizes) => {
        const bytes = encodeMojo(events, version);
        const copied = [];
        for await (const piece of rewriteMojo(inChunks(bytes, sizes))) copied.push(piece);
        expect(toHex(concat(copied))).toBe(toHex(bytes));
      }),
    );
  });
});

describe('any recording', () => {
  test('has the samples that the specification says', { timeout: SECONDS }, () => {
    fc.assert(
      fc.property(anyRecording, (events) => {
        const profile = readProfile([encodeMojo(events, 4)]);
        const { tables, samples } = profile;
        const seen = Array.from({ length: samples.length }, (_, i) => {
          const frames = tables.stackFrames(samples.stack[i]! as never).map((id) => tables.frameInfo(id));
          return frames.map(({ file, line }) => `${file}:${line}`);
        });
        expect(seen).toEqual(specified(events));
      }),
      { numRuns: 500 },
    );
  });

  test('is the same profile whatever the chunks, and when it is written and read again', {
    timeout: SECONDS,
  }, () => {
    fc.assert(
      fc.property(anyRecording, chunkSizes, (events, sizes) => {
        const bytes = encodeMojo(events, 4);
        const profile = readProfile([bytes]);
        const split = readProfile(inChunks(bytes, sizes));
        expect(describeSamples(split)).toEqual(describeSamples(profile));
        expect(describeMetadata(split)).toEqual(describeMetadata(profile));
        expect(describeDiagnostics(split)).toEqual(describeDiagnostics(profile));
        for (const version of [3, 4] as const) {
          const again = readProfile(writeMojo(profile, { version }), { strict: true });
          expect(describeSamples(again)).toEqual(describeSamples(profile));
        }
        expect(split.samples.stack.every((stack) => stack >= EMPTY_STACK)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** The stacks of a recording, by the words of docs/formats/mojo.md and without anything clever. */
function specified(events: readonly MojoEvent[]): string[][] {
  interface Frame {
    readonly text: string;
    readonly isNative: boolean;
  }
  const strings = new Map<string, string>();
  const frames = new Map<string, Frame>();
  const lastStacks = new Map<string, Frame[]>();
  const stacks: string[][] = [];
  let pid = '';
  let thread = '';
  let isNativeRun = false;
  let own: Frame[] = [];
  let base: Frame[] = [];
  for (const event of events) {
    if (event.type === 'stack') {
      pid = String(event.pid);
      thread = `${pid}:${event.iid}:${event.thread}`;
      own = [];
      base = [];
    } else if (event.type === 'string') {
      strings.set(`${pid}:${event.key}`, event.value);
    } else if (event.type === 'frame') {
      const file = strings.get(`${pid}:${event.file}`)!;
      const isNative = file.startsWith('native@');
      isNativeRun ||= isNative;
      const frame = { text: `${file}:${event.line}`, isNative };
      frames.set(`${pid}:${event.key}`, frame);
      frames.set(`any:${event.key}`, frame);
    } else if (event.type === 'frame-ref') {
      const frame = frames.get(`${pid}:${event.key}`) ?? frames.get(`any:${event.key}`);
      own.push(frame ?? { text: '<unknown>:0', isNative: false });
    } else if (event.type === 'stack-repeat') {
      base = [...(lastStacks.get(thread) ?? [])];
      while (isNativeRun && base.at(-1)?.isNative) base.pop();
    } else if (event.type === 'metric-time') {
      lastStacks.set(thread, [...base, ...own]);
      stacks.push([...base, ...own].map(({ text }) => text));
    }
  }
  return stacks;
}

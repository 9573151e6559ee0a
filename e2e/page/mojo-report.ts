// Runs in Chromium, bundled, and in Node: what the codec says of a file must not depend on where it runs.

import { readProfile, unpack } from '../../packages/convert/dist/index.js';
import {
  decodeMojo,
  encodeMojo,
  MojoInspector,
  type MojoVersion,
  rewriteMojo,
  writeMojo,
} from '../../packages/mojo/dist/index.js';
import {
  compressProfile,
  isAustinError,
  mergeProfiles,
  type Profile,
  type StackId,
  type ThreadId,
} from '../../packages/profile/dist/index.js';

/** All that the packages make of the bytes of a file, as JSON, or the error they throw. */
export async function mojoReport(bytes: Uint8Array): Promise<string> {
  try {
    const profile = await readProfile(inChunks(bytes));
    const merged = mergeProfiles([profile, profile], { processes: 'apart' });
    const plain = join(await all(unpack(inChunks(bytes))));
    const written = join([...writeMojo(profile, { version: 4 })]);
    const report = {
      mode: profile.mode,
      metadata: profile.metadata,
      diagnostics: profile.diagnostics,
      samples: samplesOf(profile),
      compressed: samplesOf(compressProfile(merged)),
      written: [...written],
      again: samplesOf(await readProfile([written])),
      events: await eventsOf(plain),
    };
    return JSON.stringify(report, plainValue);
  } catch (error) {
    if (!isAustinError(error)) throw error;
    return JSON.stringify([error.code, error.message, error.offset, error.line]);
  }
}

async function eventsOf(bytes: Uint8Array): Promise<unknown> {
  if (bytes[0] !== 0x4d) return 'not MOJO';
  const { events, version } = decodeMojo(bytes);
  const inspector = new MojoInspector();
  const texts = inspector.push(bytes).map(({ text, problems }) => [text, ...problems]);
  return {
    events,
    encoded: [...encodeMojo(events, version as MojoVersion)],
    copied: [...join(await all(rewriteMojo(inChunks(bytes))))],
    texts,
    inspection: inspector.end(),
  };
}

function samplesOf({ tables, samples }: Profile): unknown[] {
  return Array.from({ length: samples.length }, (_, i) => [
    tables.thread(samples.thread[i]! as ThreadId),
    tables.stackFrames(samples.stack[i]! as StackId).map((frame) => tables.frameInfo(frame)),
    samples.timeUs[i],
    samples.memoryBytes[i],
    samples.flags[i],
  ]);
}

async function* inChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return parts;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function plainValue(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  return typeof value === 'bigint' ? `${value}n` : value;
}

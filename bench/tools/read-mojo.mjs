import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { readMojo } from '../../packages/mojo/dist/index.js';
import { ProfileBuilder, SampleFlag } from '../../packages/profile/dist/index.js';
import { quantile } from '../lib/statistics.mjs';

/** Reads the MOJO of any sampler. See tool-run.mjs for what a recording is. */
export async function readMojoRecording(path) {
  const builder = new ProfileBuilder();
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  await readMojo(path.endsWith('.gz') ? file.pipe(createGunzip()) : file, builder);
  const { tables, samples, metadata } = builder.build();
  const stacks = new Map();
  const threadUs = new Map();
  for (let i = 0; i < samples.length; i++) {
    const isValid = (samples.flags[i] & SampleFlag.Invalid) === 0;
    const key = samples.stack[i] * 2 + (isValid ? 1 : 0);
    let entry = stacks.get(key);
    if (!entry) {
      const frames = tables.stackFrames(samples.stack[i]).map((frame) => tables.frameInfo(frame));
      entry = { frames, isValid, count: 0, weight: 0 };
      stacks.set(key, entry);
    }
    const timeUs = samples.timeUs[i];
    entry.count += 1;
    entry.weight += timeUs;
    threadUs.set(samples.thread[i], (threadUs.get(samples.thread[i]) ?? 0) + timeUs);
  }
  return {
    samples: samples.length,
    seconds: Math.max(0, ...threadUs.values()) / 1e6,
    stacks: [...stacks.values()],
    periodUs: threadUs.size === 1 ? periods(samples.timeUs) : undefined,
    counts: counts(metadata),
  };
}

/** The time from sample to sample of a single thread. The first stands for the time since the attachment. */
function periods(timeUs) {
  const rest = timeUs.subarray(1);
  return { p50: quantile(rest, 0.5), p99: quantile(rest, 0.99), p999: quantile(rest, 0.999) };
}

/** What our sampler counted, by the names of its metadata. */
function counts(metadata) {
  const found = metadata.filter(({ key, value }) => key.startsWith('x-') && /^\d+(?:\.\d+)?$/.test(value));
  return Object.fromEntries(found.map(({ key, value }) => [key.slice(2), Number(value)]));
}

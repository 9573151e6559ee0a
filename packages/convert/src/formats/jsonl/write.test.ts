import { type Code, type Profile, SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collectText } from '../../testing/io.js';
import { contents } from '../../testing/profiles.js';
import { threadIdText } from '../../thread-ids.js';

interface Line {
  type: 'metadata' | 'sample';
  key?: string;
  [name: string]: unknown;
}

async function lines(profile: Profile): Promise<Line[]> {
  const text = await collectText(writeProfile(profile, 'jsonl'));
  expect(text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** What `contents` says of samples, in the words of the format. */
function expectedSamples(profile: Profile): unknown[] {
  type Sample = Record<'thread' | 'frames' | 'threadName' | 'timeUs' | 'memoryBytes', unknown> & {
    flags: number;
  };
  const text = threadIdText(profile);
  return (contents(profile) as { samples: Sample[] }).samples.map((sample) => {
    const { pid, iid, tid } = sample.thread as { pid: number; iid: number | null; tid: string };
    const frames = sample.frames as (Record<string, string | number> & { code?: Code })[];
    return {
      type: 'sample',
      pid,
      ...(iid === null ? {} : { iid }),
      thread: text(tid),
      ...(sample.threadName === undefined ? {} : { name: sample.threadName }),
      time: sample.timeUs,
      memory: sample.memoryBytes,
      ...(sample.flags & SampleFlag.Gc ? { gc: true } : {}),
      ...(sample.flags & SampleFlag.Idle ? { idle: true } : {}),
      ...(sample.flags & SampleFlag.Invalid ? { invalid: true } : {}),
      frames: frames.map(({ name, file, kind, code, ...positions }) => ({
        function: name,
        file,
        ...(kind === 0 ? {} : { kind: ['', 'native', 'kernel'][kind as number] }),
        ...Object.fromEntries(Object.entries(positions).filter(([, at]) => at !== 0)),
        ...(code && codeMembers(code)),
      })),
    };
  });
}

function codeMembers({ address, offset, mapping }: Code): object {
  const inFile = Number.parseInt(address, 16) - Number.parseInt(mapping.base, 16);
  return {
    address: `0x${address}`,
    ...(offset === 0 ? {} : { offset }),
    module: mapping.path,
    moduleAddress: `0x${inFile.toString(16)}`,
  };
}

describe('JSON lines', () => {
  it.each(inputs)('%s: says of every sample all that the profile says, in order', async (path) => {
    const profile = await readFixture(path);
    const written = await lines(profile);
    expect(written.filter(({ type }) => type === 'sample')).toEqual(expectedSamples(profile));
    expect(written.filter(({ type }) => type === 'metadata')).toEqual(
      profile.metadata.map(({ key, value }) => ({ type: 'metadata', key, value })),
    );
  });

  it('gives every name back, however hostile', async () => {
    const profile = hostileProfile();
    expect((await lines(profile)).filter(({ type }) => type === 'sample')).toEqual(expectedSamples(profile));
  });

  it('has metadata where it was between the samples', async () => {
    const written = await lines(await readFixture('collapsed/two-modes.austin'));
    const modes = written.flatMap((line, at) => (line.key === 'mode' ? [at] : []));
    expect(modes).toEqual([0, 1, 4]);
  });
});

import { describe, expect, it } from 'vitest';
import { type RecordingOptions, startRecording } from './sampler.js';

/** A pid above every one that Linux hands out. */
const NO_PID = 4_194_304;

describe('startRecording', () => {
  it.each([
    ['pid', { pid: 0 }, 'pid is 0; expected a whole number from 1 to'],
    ['pid', { pid: 1.5 }, 'pid is 1.5'],
    ['pid', { pid: Number.NaN }, 'pid is NaN'],
    ['intervalUs', { intervalUs: -1 }, 'intervalUs is -1; expected a whole number from 0 to'],
    ['intervalUs', { intervalUs: Number.POSITIVE_INFINITY }, 'intervalUs is Infinity'],
    ['timeoutMs', { timeoutMs: -1 }, 'timeoutMs is -1'],
    ['durationUs', { durationUs: 0.5 }, 'durationUs is 0.5'],
    ['mode', { mode: 'heap' as 'wall' }, 'mode is heap; expected one of wall, cpu, memory, full'],
    ['children', { children: 1 as never }, 'children is 1; expected true or false'],
    [
      'native',
      { native: 'always' as never },
      "native is always; expected true, false, 'exact' or 'undisturbed'",
    ],
    ['kernel', { kernel: 'yes' as never }, 'kernel is yes; expected true or false'],
    ['onNotice', { onNotice: 1 as never }, 'onNotice is not a function'],
    ['outputFd', { outputFd: 1_000_000 }, 'outputFd is 1000000, which is not an open descriptor'],
    ['outputFd', { outputFd: '1' as never }, 'outputFd is 1, which is not'],
    ['metadata', { metadata: { 'x-a': 1 as never } }, 'metadata "x-a" is 1; expected text'],
    ['metadata', { metadata: { 'x-a': 'b\0c' } }, 'metadata "x-a" is "b\\u0000c"'],
    ['onChunk', { onChunk: 'print' as never }, 'onChunk is not a function'],
    ['progressMs', { progressMs: 0 }, 'progressMs is 0; expected a whole number from 1 to'],
  ])(
    'refuses an impossible %s before it starts anything: %j',
    (_, wrong: Partial<RecordingOptions>, message) => {
      expect(() => startRecording({ pid: NO_PID, intervalUs: 1000, ...wrong })).toThrow(
        expect.objectContaining({
          name: 'SamplerError',
          code: 'ERR_SAMPLER_OPTION',
          kind: 'usage',
          message: expect.stringContaining(message),
        }),
      );
    },
  );

  it('never rejects: a failure is in the result', async () => {
    const { end, error, target, statistics } = await startRecording({ pid: NO_PID, intervalUs: 1000 })
      .finished;
    expect(end).toBe('failed');
    expect(error).toMatchObject({ name: 'SamplerError', code: 'ERR_PROCESS_GONE', kind: 'environment' });
    expect(error?.hint).toContain('ps');
    expect(target).toBeUndefined();
    expect(statistics).toMatchObject({
      rounds: 0,
      samples: 0,
      exact: 0,
      retried: 0,
      between: 0,
      cut: 0,
      invalid: 0,
    });
  });

  it('gives the stream to a listener even when there is nothing in it but metadata', async () => {
    const chunks: Uint8Array[] = [];
    const { statistics } = await startRecording({
      pid: NO_PID,
      intervalUs: 1000,
      metadata: { 'x-one': 'eins', 'x-two': 'zwö' },
      onChunk: (chunk) => chunks.push(chunk),
    }).finished;
    const bytes = Buffer.concat(chunks);
    expect(bytes.subarray(0, 3).toString()).toBe('MOJ');
    expect(bytes.toString()).toContain('x-one\0eins\0');
    expect(bytes.toString()).toContain('x-two\0zwö\0');
    expect(bytes.length).toBe(statistics.bytes);
  });

  it('may be stopped at any time', async () => {
    const recording = startRecording({ pid: NO_PID, intervalUs: 1000 });
    recording.stop();
    await recording.finished;
    recording.stop();
  });
});

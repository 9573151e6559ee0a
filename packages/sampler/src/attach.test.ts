import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attach, type StreamOptions } from './attach.js';

/** A pid above every one that Linux hands out. */
const NO_PID = 4_194_304;

describe('attach', () => {
  it.each<[Partial<StreamOptions>]>([
    [{ intervalUs: -1 }],
    [{ signal: 'stop' as never }],
    [{ signal: null as never }],
    [{ onProgress: 1 as never }],
  ])('refuses %j at once', (options) => {
    expect(() => attach(NO_PID, options)).toThrow(
      expect.objectContaining({ name: 'SamplerError', code: 'ERR_SAMPLER_OPTION', kind: 'usage' }),
    );
  });

  it('gives all there is before the error', async () => {
    const recording = attach(NO_PID, { metadata: { 'x-one': 'eins' } });
    const chunks: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of recording) chunks.push(chunk);
    };
    await expect(read()).rejects.toMatchObject({ name: 'SamplerError', code: 'ERR_PROCESS_GONE' });
    const { end, error, statistics } = await recording.finished;
    expect({ end, code: error?.code }).toEqual({ end: 'failed', code: 'ERR_PROCESS_GONE' });
    expect(Buffer.concat(chunks).toString()).toContain('x-one\0eins\0');
    expect(Buffer.concat(chunks).length).toBe(statistics.bytes);
    expect(recording.statistics).toBe(statistics);
    expect({ pid: recording.pid, target: recording.target }).toEqual({ pid: NO_PID, target: undefined });
  });

  it('finishes unread, and can be read then', async () => {
    const recording = attach(NO_PID);
    const { statistics } = await recording.finished;
    const iterator = recording[Symbol.asyncIterator]();
    let bytes = 0;
    await expect(
      (async () => {
        for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
          bytes += next.value.length;
        }
      })(),
    ).rejects.toMatchObject({ code: 'ERR_PROCESS_GONE' });
    expect(bytes).toBe(statistics.bytes);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('starts nothing for a signal that is aborted already', () => {
    const reason = new Error('enough');
    expect(() => attach(NO_PID, { signal: AbortSignal.abort(reason) })).toThrow(reason);
  });

  it('cannot be read when it is written to a descriptor', async () => {
    const outputFd = openSync('/dev/null', 'w');
    const recording = attach(NO_PID, { outputFd });
    closeSync(outputFd);
    expect(() => recording[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'ERR_SAMPLER_OPTION' }),
    );
    recording[Symbol.dispose]();
    await recording.finished;
  });

  it('can be given up in every state, more than once', async () => {
    const recording = attach(NO_PID);
    recording[Symbol.dispose]();
    recording[Symbol.dispose]();
    await recording.finished;
    recording.stop();
    recording[Symbol.dispose]();
    expect(await recording[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });
});

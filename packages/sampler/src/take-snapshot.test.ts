import { describe, expect, it } from 'vitest';
import { takeSnapshot } from './take-snapshot.js';

/** A pid above every one that Linux hands out. */
const NO_PID = 4_194_304;

describe('takeSnapshot', () => {
  it('refuses impossible options', async () => {
    await expect(takeSnapshot(-1)).rejects.toMatchObject({ code: 'ERR_SAMPLER_OPTION', kind: 'usage' });
    await expect(takeSnapshot(NO_PID, { timeoutMs: -1 })).rejects.toMatchObject({
      code: 'ERR_SAMPLER_OPTION',
    });
  });

  it('rejects with an error of ours and what to do about it', async () => {
    await expect(takeSnapshot(NO_PID)).rejects.toMatchObject({
      name: 'SamplerError',
      code: 'ERR_PROCESS_GONE',
      hint: expect.stringContaining('ps'),
    });
  });

  it('does not begin when it has been cancelled, and says why', async () => {
    const reason = new Error('not wanted any more');
    await expect(takeSnapshot(NO_PID, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('ends early when it is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    // This process is no Python: without the signal an hour would pass.
    const look = takeSnapshot(process.pid, { timeoutMs: 3_600_000, signal: controller.signal });
    controller.abort(reason);
    await expect(look).rejects.toBe(reason);
  });
});

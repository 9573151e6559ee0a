import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { probeMemory, probeThread } from './probes.js';

const { ESRCH } = constants.errno;

describe('probeMemory', () => {
  it('reads what we started', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    expect(probeMemory(child.pid ?? 0)).toEqual({ mapsErrno: 0, readErrno: 0 });
    child.kill();
    await once(child, 'exit');
    expect(probeMemory(child.pid ?? 0).readErrno).toBe(ESRCH);
  });

  it('takes no pid that cannot be one', () => {
    expect(() => probeMemory(0)).toThrow(expect.objectContaining({ code: 'ERR_SAMPLER_OPTION' }));
  });
});

describe('probeThread', () => {
  it('says what was granted', () => {
    const { realtime, clockReadNs } = probeThread();
    expect(typeof realtime).toBe('boolean');
    expect(clockReadNs).toBeGreaterThan(0);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { commandOf, startTicksOf, stateOf, systemUptime, usageOf } from './proc.js';

const linux = it.skipIf(process.platform !== 'linux');

linux('a process, and when it is gone', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  expect(commandOf(pid)).toEqual(['sleep', '60']);
  expect(stateOf(pid)).toMatch(/^[RSD]$/);
  expect(startTicksOf(pid)).toBeGreaterThanOrEqual(startTicksOf(process.pid));
  expect(startTicksOf(process.pid)).toBeGreaterThan(0);
  // Both are told in hundredths of a second, rounded down; the process may have started in this one.
  expect(Math.round(systemUptime()! * 100)).toBeGreaterThanOrEqual(startTicksOf(pid));
  expect(usageOf(pid)!.residentBytes).toBeGreaterThan(10_000);
  expect(usageOf(process.pid)!.cpuTicks).toBeGreaterThan(usageOf(pid)!.cpuTicks);
  child.kill();
  await once(child, 'exit');
  await expect.poll(() => stateOf(pid)).toBeUndefined();
});

linux('a process that does not exist', () => {
  expect(commandOf(4_194_304)).toBeUndefined();
  expect(stateOf(4_194_304)).toBeUndefined();
  expect(startTicksOf(4_194_304)).toBe(0);
  expect(usageOf(4_194_304)).toBeUndefined();
});

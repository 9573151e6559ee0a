import { expect, it } from 'vitest';
import { repeat } from './repeat.js';

it('goes on until it is told that it was the last time', async () => {
  let left = 3;
  await repeat(async () => --left > 0, 0, []);
  expect(left).toBe(0);
});

it('ends with a signal, at once', async () => {
  let times = 0;
  await repeat(
    async () => {
      times += 1;
      process.kill(process.pid, 'SIGUSR2');
      return true;
    },
    3_600_000,
    ['SIGUSR2'],
  );
  expect(times).toBe(1);
  expect(process.listenerCount('SIGUSR2')).toBe(0);
});

it('passes on what goes wrong', async () => {
  const trouble = new Error('no such process');
  await expect(repeat(() => Promise.reject(trouble), 0, [])).rejects.toBe(trouble);
});

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { watchSignalOrigins } from './signal-origins.js';

const listener = () => {};

afterEach(() => void process.off('SIGUSR2', listener));

it('a signal of a process is told as one', async () => {
  process.on('SIGUSR2', listener);
  const origins = watchSignalOrigins(['SIGUSR2']);
  const received = once(process, 'SIGUSR2');
  execFileSync('kill', ['-USR2', String(process.pid)]);
  await received;
  expect(origins.of('SIGUSR2')).toBe('process');
  expect(origins.of('SIGUSR2')).toBe('unknown');
  origins.close();
  const another = once(process, 'SIGUSR2');
  process.kill(process.pid, 'SIGUSR2');
  await another;
  expect(origins.of('SIGUSR2')).toBe('unknown');
});

it('a signal without a listener is left as it is', () => {
  const origins = watchSignalOrigins(['SIGWINCH']);
  expect(origins.of('SIGWINCH')).toBe('unknown');
  origins.close();
});

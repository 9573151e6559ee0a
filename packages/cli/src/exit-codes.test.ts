import { expect, it } from 'vitest';
import { exitCodeOf } from './exit-codes.js';

it('a process that ended by a signal answers as a shell says it', () => {
  expect(exitCodeOf({ code: 7 })).toBe(7);
  expect(exitCodeOf({ signal: 'SIGINT' })).toBe(130);
  expect(exitCodeOf({ signal: 'SIGKILL' })).toBe(137);
});

import { AustinError } from '@austin-profiler/profile';
import { expect, it } from 'vitest';
import { exitCodeOfError, exitCodeOfSignal } from './exit-codes.js';

const error = (code: string, kind: 'usage' | 'environment' = 'environment', errno?: number) =>
  Object.assign(new AustinError(code, '', { kind }), errno === undefined ? {} : { errno });

it.each([
  [error('ERR_COMMAND_NOT_FOUND'), 33, 1],
  [error('ERR_COMMAND_START'), 33, 1],
  [error('ERR_NOT_PYTHON'), 32, 11],
  [error('ERR_OUTPUT_OPEN'), 255, 5],
  [error('ERR_OUTPUT_WRITE', 'environment', 28), 255, 5],
  [error('ERR_OUTPUT_WRITE', 'environment', 32), 141, 141],
  [error('ERR_OUTPUT_CLOSED'), 141, 141],
  [error('ERR_PERMISSION_PTRACE'), 37, 2],
  [error('ERR_PROCESS_GONE'), 36, 1],
  [error('ERR_PYTHON_UNSUPPORTED'), 3, 10],
  [error('ERR_USAGE_INTERVAL', 'usage'), 64, 64],
  [error('ERR_ADDON_LOAD'), 255, 1],
  [new Error('a bug'), 255, 1],
])('%s', (given, three, four) => {
  expect(exitCodeOfError(given, 3, false)).toBe(three);
  expect(exitCodeOfError(given, 4, false)).toBe(four);
});

it('with children, it is theirs to be Python', () => {
  expect(exitCodeOfError(error('ERR_NOT_PYTHON'), 3, true)).toBe(39);
  expect(exitCodeOfError(error('ERR_NOT_PYTHON'), 4, true)).toBe(1);
});

it('a signal is its negative number as a byte', () => {
  expect(exitCodeOfSignal('SIGINT')).toBe(254);
  expect(exitCodeOfSignal('SIGTERM')).toBe(241);
  expect(exitCodeOfSignal('SIGHUP')).toBe(255);
});

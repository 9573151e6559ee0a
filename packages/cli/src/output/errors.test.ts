import { AustinError } from '@austin-profiler/profile';
import { expect, it } from 'vitest';
import { errorText } from './errors.js';

it('an error of ours says what, where and what to do', () => {
  const error = new AustinError('ERR_X', 'no such event', { kind: 'data', offset: 12, hint: 'look there' });
  expect(errorText(error)).toBe('no such event, at byte 12 (ERR_X)\nhint: look there');
  const line = new AustinError('ERR_X', 'No weight.', { kind: 'data', line: 3 });
  expect(errorText(line)).toBe('No weight, on line 3 (ERR_X)');
});

it('a place that the message already names is not repeated', () => {
  const error = new AustinError('ERR_X', 'cut at byte 12', { kind: 'data', offset: 12 });
  expect(errorText(error)).toBe('cut at byte 12 (ERR_X)');
});

it('any other error is a bug of ours', () => {
  expect(errorText(new TypeError('x is not a function'))).toMatch(
    /^unexpected error: x is not a function\nThis is a bug .*troubleshooting.*AUSTIN_DEBUG=1/,
  );
});

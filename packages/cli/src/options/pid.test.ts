import { expect, it } from 'vitest';
import { parsePid } from './pid.js';

it('reads process ids', () => {
  expect(parsePid('1')).toBe(1);
  expect(parsePid('4194304')).toBe(4_194_304);
});

it.each(['', '0', '-1', '1.5', '0x10', '4194305', 'python'])('refuses %j', (text) => {
  expect(() => parsePid(text)).toThrow(expect.objectContaining({ code: 'ERR_USAGE_PID' }));
});

import { expect, it } from 'vitest';
import { printable } from './printable.js';
import { shellWords } from './shell-words.js';

it('nothing can drive the terminal', () => {
  expect(printable('\x1b[31mred\x07\n')).toBe(String.raw`\x1b[31mred\x07\x0a`);
  expect(printable('\x9b31m')).toBe(String.raw`\x9b31m`);
  expect(printable('a\u202eb')).toBe(String.raw`a\u202eb`);
  expect(printable('naïve 名前 😀')).toBe('naïve 名前 😀');
});

it('words can be typed again', () => {
  expect(shellWords(['python3', '-c', "print('x')", '', 'a b', '--n=1,2'])).toBe(
    String.raw`python3 -c 'print('\''x'\'')' '' 'a b' --n=1,2`,
  );
});

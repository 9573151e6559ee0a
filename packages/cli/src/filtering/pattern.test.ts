import { describe, expect, it } from 'vitest';
import { compilePatterns } from './pattern.js';

describe('compilePatterns', () => {
  it('finds any of them anywhere', () => {
    const test = compilePatterns('--focus', ['^main$', 'pars(e|ing)', '(?i)HTTP', '\\p{Cyrillic}']);
    expect(['main', 'reparse', 'http.server', 'файл'].map(test)).toEqual([true, true, true, true]);
    expect(['mainly', 'pars', ''].map(test)).toEqual([false, false, false]);
  });

  it.each(['(', '(?=x)', '\\1', 'a{1001}', '((a{100}){100}){100}', 'x'.repeat(1001)])(
    'refuses %s',
    (pattern) => {
      expect(() => compilePatterns('--focus', [pattern])).toThrow(
        expect.objectContaining({ code: 'ERR_USAGE_PATTERN', message: expect.stringContaining('--focus') }),
      );
    },
  );

  it.each(['(a+)+$', '(a|aa)+$', '(.*)*x', '(a*)*b', '(?:a?){500}a{500}$'])(
    'ends with %s, which would keep a backtracking engine busy for ever',
    (pattern) => {
      const test = compilePatterns('--focus', [pattern]);
      expect(test(`${'a'.repeat(1 << 16)}!`)).toBe(false);
    },
  );
});

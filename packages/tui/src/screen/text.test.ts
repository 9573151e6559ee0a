import { describe, expect, it } from 'vitest';
import { cellWidth, clusters, fit, fitEnd } from './text.js';

describe('the width of texts', () => {
  it.each([
    ['plain', 5],
    ['größe', 5],
    ['関数', 4],
    ['e\u0301', 1],
    ['👩', 2],
    ['🇩🇪', 2],
    ['', 0],
  ])('%s takes %i cells', (text, cells) => {
    expect(cellWidth(text)).toBe(cells);
  });

  it('what cannot be seen is written out', () => {
    expect(fit('a\x1b[31m\n\u202e', 40)).toBe('a\\u001b[31m\\n\\u202e');
    expect(fit('\ud800', 10)).toBe('\\ud800');
    for (const { text } of clusters(String.fromCharCode(...Array(256).keys()), 5000)) {
      expect(text).not.toMatch(/\p{Cc}/u);
    }
  });

  it('a letter with a thousand marks is one cell', () => {
    const [first] = clusters(`a${'\u0301'.repeat(1000)}b`, 10);
    expect(first).toEqual({ text: '\ufffd', width: 1 });
  });

  it('a very long name costs no more than what is shown of it', () => {
    expect(fit('x'.repeat(1 << 16), 5)).toBe('xxxx…');
    expect(clusters('関'.repeat(1 << 16), 10).length).toBeLessThanOrEqual(10);
  });
});

describe('fitting', () => {
  it('keeps the beginning', () => {
    expect(fit('calculate', 9)).toBe('calculate');
    expect(fit('calculate', 5)).toBe('calc…');
    expect(fit('関数関数', 4)).toBe('関…');
    expect(fit('関数関数', 5)).toBe('関数…');
    expect(fit('abc', 0)).toBe('');
  });

  it('or the end', () => {
    expect(fitEnd('/srv/app/main.py', 16)).toBe('/srv/app/main.py');
    expect(fitEnd('/srv/app/main.py', 8)).toBe('…main.py');
    expect(fitEnd('関数関数', 4)).toBe('…数');
    expect(fitEnd('abc', 0)).toBe('');
  });
});

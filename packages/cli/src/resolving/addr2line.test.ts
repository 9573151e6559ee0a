import { describe, expect, it } from 'vitest';
import { parsePlaces } from './addr2line.js';

describe('parsePlaces', () => {
  it('takes the function that was called, and the line in it', () => {
    const text = [
      '0x0000000000001139',
      'inlined(int)',
      '/src/a b.h:3 (discriminator 2)',
      'ns::outer(char const*)',
      '/src/c:d.cc:10 (discriminator 1)',
      '0x0000000000002000',
      '??',
      '??:0',
      '0x0000000000003000',
      'known',
      '??:?',
      '0x0000000000004000',
      'f',
      '/src/e.c:?',
      '',
    ].join('\n');
    expect([...parsePlaces(text)]).toEqual([
      [0x1139n, { name: 'ns::outer(char const*)', file: '/src/c:d.cc', line: 10 }],
      [0x2000n, { name: undefined, file: undefined, line: 0 }],
      [0x3000n, { name: 'known', file: undefined, line: 0 }],
      [0x4000n, { name: 'f', file: '/src/e.c', line: 0 }],
    ]);
  });

  it('makes nothing of other texts', () => {
    expect([...parsePlaces('')]).toEqual([]);
    expect([...parsePlaces('usage: addr2line\n0x12\nf')]).toEqual([]);
  });
});

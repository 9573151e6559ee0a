import { describe, expect, it } from 'vitest';
import { parsePlaces } from './addr2line.js';

describe('parsePlaces', () => {
  it('takes the function that was called, the line in it, and what was inlined there', () => {
    const text = [
      '0x0000000000001139',
      'inlined(int)',
      '/src/a b.h:3 (discriminator 2)',
      'middle',
      '/src/a b.h:7',
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
      [
        0x1139n,
        {
          name: 'ns::outer(char const*)',
          file: '/src/c:d.cc',
          line: 10,
          inlined: [
            { name: 'middle', file: '/src/a b.h', line: 7 },
            { name: 'inlined(int)', file: '/src/a b.h', line: 3 },
          ],
        },
      ],
      [0x2000n, { name: undefined, file: undefined, line: 0, inlined: [] }],
      [0x3000n, { name: 'known', file: undefined, line: 0, inlined: [] }],
      [0x4000n, { name: 'f', file: '/src/e.c', line: 0, inlined: [] }],
    ]);
  });

  it('makes nothing of other texts', () => {
    expect([...parsePlaces('')]).toEqual([]);
    expect([...parsePlaces('usage: addr2line\n0x12\nf')]).toEqual([]);
  });
});

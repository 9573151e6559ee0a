import { expect, it } from 'vitest';
import { hexDump } from './hex-dump.js';

it('shows rows of sixteen bytes and marks one', () => {
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => 0x3e + i);
  expect(hexDump(bytes, 0x120, 0x131)).toEqual([
    '00000120  3e 3f 40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d  >?@ABCDEFGHIJKLM',
    '00000130  4e>4f                                            NO',
  ]);
  expect(hexDump(Uint8Array.of(0, 0x7f, 0xff), 0, 9)).toEqual([
    '00000000  00 7f ff                                         ...',
  ]);
  expect(hexDump(new Uint8Array(0), 0, 0)).toEqual([]);
});

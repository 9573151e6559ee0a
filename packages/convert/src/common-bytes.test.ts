import { expect, test } from 'vitest';
import { commonBytes, viewOf } from './common-bytes.js';

test.each([0, 1, 7, 8, 9, 16, 31])(
  'counts %i equal bytes, whatever they are and where they begin',
  (equal) => {
    for (const fill of [0, 0x61, 0x7f, 0x80, 0xff]) {
      const a = new Uint8Array(40).fill(fill);
      const b = new Uint8Array(43).fill(fill);
      b[3 + equal] = fill ^ 0x80;
      expect(commonBytes(viewOf(a), 0, viewOf(b), 3, 40)).toBe(equal);
      expect(commonBytes(viewOf(a), 0, viewOf(b), 3, Math.min(40, equal))).toBe(equal);
    }
  },
);

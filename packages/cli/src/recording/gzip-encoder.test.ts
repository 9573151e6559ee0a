import { constants, gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { GzipEncoder } from './gzip-encoder.js';

/** Pieces of many lengths, that resemble each other as those of a recording do. */
function pieces(): Buffer[] {
  const lengths = [1, 700, 40_000, 0, 3, 32_768, 9_000, 32_767, 100_000, 5];
  return lengths.map((length, at) =>
    Buffer.from(Array.from({ length }, (_, i) => (i % 251) ^ ((i * at) % 7))),
  );
}

it('is gzip, whose pieces can be unpacked as soon as they are there', async () => {
  const encoder = new GzipEncoder();
  let packed = Buffer.from(GzipEncoder.header);
  let plain = Buffer.alloc(0);
  for (const piece of pieces()) {
    packed = Buffer.concat([packed, await encoder.encode(piece)]);
    plain = Buffer.concat([plain, piece]);
    expect(gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).equals(plain)).toBe(true);
    // Completed here, with something more in the copy only.
    const copy = gunzipSync(Buffer.concat([packed, encoder.trailer(Buffer.from('the end'))]));
    expect(copy.equals(Buffer.concat([plain, Buffer.from('the end')]))).toBe(true);
  }
  expect(gunzipSync(Buffer.concat([packed, encoder.trailer()])).equals(plain)).toBe(true);
});

it('uses what came before', async () => {
  const piece = Buffer.from(Array.from({ length: 2_000 }, (_, i) => (i * i * 31) >> 3));
  const encoder = new GzipEncoder();
  const first = await encoder.encode(piece);
  const second = await encoder.encode(piece);
  expect(second.length).toBeLessThan(first.length / 10);
});

it('without pieces is an empty gzip file', () => {
  expect(gunzipSync(Buffer.concat([GzipEncoder.header, new GzipEncoder().trailer()])).length).toBe(0);
});

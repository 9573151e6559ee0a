import { gzipSync } from 'node:zlib';
import { type Diagnostic, isAustinError } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { bytesOf, chunked, collect, collectText, fixture } from './testing/io.js';
import { unpack } from './unpack.js';
import { unzstd } from './zstd.js';

const NAMES = ['blocks', 'single', 'frames'];

/** Each frame of the fixtures has 8 MB of memory made for it. */
const PATIENCE = { timeout: 60_000 };

/** What the README beside the fixtures says is in them. */
const LINES = Array.from({ length: 8000 }, (_, i) => i + 1).map(
  (i) => `P1;T1;app.py:f${i % 97}:${i % 1013} ${i}\n`,
);
const TEXT = `# mode: wall\n${LINES.join('')}`;

function packed(name: string): Uint8Array {
  return fixture(`packed/${name}.austin.zst`);
}

describe.each(NAMES)('%s', (name) => {
  it('is unpacked whatever its chunks', PATIENCE, async () => {
    const bytes = packed(name);
    for (const size of [1, 7, 1000, bytes.length]) {
      expect((await collectText(unpack(chunked(bytes, size)))) === TEXT, `chunks of ${size}`).toBe(true);
    }
  });

  it('gives what is whole of a cut one, and says where it ends; strict fails', PATIENCE, async () => {
    const bytes = packed(name);
    let longest = 0;
    for (let length = 4; length < bytes.length; length += 4001) {
      const cut = bytes.subarray(0, length);
      const found: Diagnostic[] = [];
      const pieces = unpack(chunked(cut, 100), { onDiagnostic: (diagnostic) => found.push(diagnostic) });
      const text = await collectText(pieces).catch((error) => {
        expect(error.code).toBe('ERR_ZSTD_INVALID');
        return '';
      });
      expect(TEXT.startsWith(text)).toBe(true);
      if (text !== '')
        expect(found).toMatchObject([{ code: 'ERR_ZSTD_INVALID', offset: text.length, count: 1 }]);
      longest = Math.max(longest, text.length);
      await expect(collect(unpack([cut], { strict: true }))).rejects.toMatchObject({
        code: 'ERR_ZSTD_INVALID',
        kind: 'data',
      });
    }
    expect(longest).toBeGreaterThan(50_000);
  });

  it('damaged anywhere, throws nothing but its own error', PATIENCE, async () => {
    const bytes = packed(name);
    for (let at = 0; at < bytes.length; at += 997) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1 << (at % 8);
      try {
        await collect(unzstd([damaged] as never));
      } catch (error) {
        if (!isAustinError(error, 'ERR_ZSTD_INVALID')) throw error;
        expect(error.offset).toBeLessThanOrEqual(bytes.length);
      }
    }
  });
});

describe('unpack', () => {
  it('leaves what is not packed as it is', async () => {
    for (const text of ['', 'a', 'MOJ', 'plain text']) {
      expect(await collectText(unpack([bytesOf(text)]))).toBe(text);
    }
    expect(await collectText(unpack([gzipSync(TEXT)]))).toBe(TEXT);
  });

  it('gives no frame more memory than other readers do', async () => {
    // A window of 1.75 TiB.
    const bytes = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xf7, 1, 0, 0, 0);
    await expect(collect(unpack([bytes]))).rejects.toThrow(/asks for \d+ bytes of memory/);
  });

  it('unpacks a bomb in small pieces', async () => {
    // A window of 128 KiB, then blocks that say: 128 KiB of zeros.
    const block = [2, 0, 16, 0];
    const bytes = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...Array(500).fill(block).flat()]);
    let size = 0;
    await expect(async () => {
      for await (const piece of unpack([bytes], { strict: true })) {
        expect(piece.length).toBeLessThanOrEqual(1 << 17);
        size += piece.length;
      }
    }).rejects.toThrow('it ends too early');
    expect(size).toBe(500 << 17);
  });
});

import type { Diagnostic } from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
import { concat, fixtureNames, hex, readFixture, toHex } from '../testing/fixtures.js';
import { Random } from '../testing/random.js';
import { decodeMojo } from './decode.js';
import { encodeMojo } from './encode.js';
import type { MojoEvent } from './events.js';
import { type MojoEdit, type RewriteOptions, rewriteMojo } from './rewrite.js';

async function rewrite(chunks: Iterable<Uint8Array>, edit?: MojoEdit, options?: RewriteOptions) {
  const written: Uint8Array[] = [];
  for await (const piece of rewriteMojo(chunks, edit, options)) written.push(piece);
  return concat(written);
}

/** Fixtures that are MOJO; of the others there is nothing to copy. */
const READABLE = fixtureNames().filter((name) => !/^(not-mojo|version-|empty|header-cut)/.test(name));

describe('rewriteMojo', () => {
  test.each(READABLE)('%s: copies every whole event byte for byte', async (name) => {
    const bytes = readFixture(name);
    const found: Diagnostic[] = [];
    const copy = await rewrite(new Random(3).split(bytes), undefined, {
      onDiagnostic: (diagnostic) => found.push(diagnostic),
    });
    const { events, diagnostics } = decodeMojo(bytes);
    const size = events.reduce((sum, event) => sum + event.size, 4);
    expect(toHex(copy)).toBe(toHex(bytes.subarray(0, size)));
    expect(found).toEqual(diagnostics);
    expect(size === bytes.length).toBe(diagnostics.length === 0);
  });

  test('keeps what a canonical encoder would write otherwise', async () => {
    // A padded version, a padded integer, negative zero, a negative interpreter id of an old recorder, broken UTF-8.
    const bytes = hex(`
      4d 4f 4a 83 00  02 81 80 00 bf ff ff ff ff ff ff ff ff 03 31 ff 00  09 40
    `);
    expect(toHex(await rewrite([bytes]))).toBe(toHex(bytes));
    const { events, version } = decodeMojo(bytes);
    expect(toHex(encodeMojo(events, version))).not.toBe(toHex(bytes));
  });

  test('an edit replaces, adds and removes events, and leaves the rest alone', async () => {
    const note: MojoEvent = { type: 'metadata', key: 'x-note', value: 'é' };
    const bytes = hex('4d 4f 4a 03  07  08  09 81 00  0a 02');
    const edited = await rewrite([bytes], (event) => {
      if (event.type === 'gc') return [note, event];
      if (event.type === 'idle') return undefined;
      return event.type === 'metric-memory' ? { ...event, value: -3 } : event;
    });
    expect(toHex(edited)).toBe(
      toHex(hex('4d 4f 4a 03  01 78 2d 6e 6f 74 65 00 c3 a9 00  07  09 81 00  0a 43')),
    );
  });

  test('strict: damage is an error, after what came before it', async () => {
    await expect(rewrite([readFixture('unknown-event')], undefined, { strict: true })).rejects.toMatchObject({
      code: 'ERR_MOJO_UNKNOWN_EVENT',
    });
    await expect(rewrite([])).rejects.toMatchObject({ code: 'ERR_MOJO_EMPTY' });
  });
});

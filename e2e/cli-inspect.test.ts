import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { austin, CLI, start, temporaryFolder } from './cli-helpers.js';

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/mojo/${name}`, import.meta.url));
}

interface Inspection {
  readonly version: number;
  readonly bytes: number;
  readonly samples: number;
  readonly isDamaged: boolean;
  readonly events: readonly { readonly name: string; readonly count: number; readonly bytes: number }[];
  readonly damage?: { readonly code: string; readonly offset: number; readonly context: string };
}

describe('austin inspect', () => {
  it('says what a file is made of', async () => {
    const { code, stdout, stderr } = await austin(['inspect', '-'], { input: fixture('a.mojo') });
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text.split('\n')[0]).toBe('MOJO version 1, 86 bytes, 2 samples');
    expect(text).toMatch(/^STRING +3 +23 +26\.7 %$/m);
    expect(text).toMatch(/^METADATA +2 +26 +30\.2 %$/m);
    expect(text).toContain('No damage was found.');
  });

  it('lists events with their place and meaning', async () => {
    const { stdout } = await austin(['inspect', '-e', '-'], { input: gzipSync(fixture('a.mojo')) });
    const lines = stdout.toString().split('\n');
    expect(lines[0]).toMatch(/^ +offset +size +sample {2}event$/);
    expect(lines).toContain('        36      5        1  FRAME 7 = app.py:main:10, file 2, scope 3');
    expect(lines).toContain('        66      2        2  FRAME_REF 8: app.py:work:64');
    expect(lines).toContain('        71     15        2  METADATA duration = 9000');
  });

  it('finds every cut of a file', async () => {
    const whole = fixture('a.mojo');
    const { stdout } = await austin(['inspect', '--json', '--events', '-'], { input: whole });
    const ends = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { offset: number; size: number })
      .map(({ offset, size }) => offset + size);
    expect(ends.at(-1)).toBe(whole.length);
    for (const size of [22, 47, 60, 85]) {
      const cut = await austin(['inspect', '--json', '-'], { input: whole.subarray(0, size) });
      const found = JSON.parse(cut.stdout.toString()) as Inspection;
      expect(cut.code).toBe(1);
      expect(found.isDamaged).toBe(true);
      const lastEnd = ends.findLast((end) => end <= size);
      expect(found.damage).toMatchObject({ code: 'ERR_MOJO_TRUNCATED', offset: lastEnd });
    }
  });

  it('shows the bytes where reading ended', async () => {
    const { code, stdout } = await austin(['inspect', '-'], { input: fixture('unknown-event.mojo') });
    expect(code).toBe(1);
    expect(stdout.toString()).toContain('(ERR_MOJO_UNKNOWN_EVENT)');
    expect(stdout.toString()).toMatch(/at offset (\d+) \(0x[0-9a-f]+\), cannot be read:\n[0-9a-f]{8} .*>/);
  });

  it('finds keys without a meaning, which a reader reads around', async () => {
    const { code, stdout } = await austin(['inspect', '-'], { input: fixture('undefined-frame.mojo') });
    expect(code).toBe(1);
    expect(stdout.toString()).toMatch(/^ +50 +3 +2 {2}FRAME_REF 99: .*<-- Undefined frame key 99/m);
  });

  it('shows control characters as what they are', async () => {
    const evil = Buffer.concat([Buffer.from('MOJ\u0001\u0001'), Buffer.from('mode\0\u001b[2Jx\0')]);
    const { stdout } = await austin(['inspect', '-e', '-'], { input: evil });
    expect(stdout.toString()).toContain('METADATA mode = \\x1b[2Jx');
    expect(stdout.toString()).not.toContain('\u001b');
  });

  it.each([
    ['empty', Buffer.alloc(0), 'ERR_MOJO_EMPTY'],
    ['text', Buffer.from('P1;T1;a.py:f:1 5\n'), 'it looks like collapsed text'],
    ['another version', Buffer.from('MOJ\u0009'), 'ERR_MOJO_VERSION'],
  ])('refuses what is not MOJO: %s', async (_, input, message) => {
    const { code, stdout, stderr } = await austin(['inspect', '-'], { input });
    expect([code, stdout.length]).toEqual([1, 0]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  it('a reader that goes away, and a full disk, end it with a word', async () => {
    const cwd = temporaryFolder();
    const sample = fixture('a.mojo').subarray(0x0f, 0x47);
    const many = Array.from({ length: 20_000 }, () => sample);
    writeFileSync(join(cwd, 'large.mojo'), Buffer.concat([fixture('a.mojo').subarray(0, 0x0f), ...many]));
    const pipe = `"$0" "$1" inspect -e large.mojo | head -c 1; echo " $\{PIPESTATUS[0]}"`;
    const gone = await start('bash', ['-c', pipe, process.execPath, CLI], { cwd }).finished;
    expect(gone.stdout.toString()).toMatch(/ 1\n$/);
    expect(gone.stderr).toContain('(ERR_OUTPUT_CLOSED)');
    const line = '"$0" "$1" inspect large.mojo > /dev/full';
    const full = await start('sh', ['-c', line, process.execPath, CLI], { cwd }).finished;
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('no space left on device')]);
  });
});

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordingOutput } from './open-recording-output.js';
import type { RecordingOutput } from './recording-output.js';
import type { RotationLimit } from './rotating-output.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'austin-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(name: string, rotation?: RotationLimit): RecordingOutput {
  return openRecordingOutput({ path: join(folder, name), name: 'unused', rotation });
}

function openDerived(rotation: RotationLimit): RecordingOutput {
  return openRecordingOutput({ path: undefined, name: join(folder, 'austin.app'), rotation });
}

function give(output: RecordingOutput, text: string, startsFile = false): Promise<void> {
  return output.sink.onChunk?.(Buffer.from(text), { startsFile }) as Promise<void>;
}

function files(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => {
        const bytes = readFileSync(join(folder, name));
        return [name, (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()];
      }),
  );
}

const footer = Buffer.from('FOOT');

describe('one compressed file', () => {
  it('holds what it was given', async () => {
    const output = open('a.mojo.gz');
    expect(output.sink.outputFd).toBeUndefined();
    await Promise.all([give(output, 'one,', true), give(output, 'two,'), give(output, 'three')]);
    await output.finish();
    await output.finish();
    expect(files()).toEqual({ 'a.mojo.gz': 'one,two,three' });
    expect(output.size()).toBe(readFileSync(join(folder, 'a.mojo.gz')).length);
  });

  it('can be completed at any time in a snapshot, and goes on', async () => {
    const output = open('a.mojo.gz');
    await give(output, 'one,', true);
    expect(await output.snapshot({ bytes: 4, footer })).toMatchObject({
      path: join(folder, 'a.snapshot.mojo.gz'),
    });
    await give(output, 'two');
    await output.snapshot({ bytes: 7, footer });
    await output.finish();
    expect(files()).toEqual({
      'a.mojo.gz': 'one,two',
      'a.snapshot.2.mojo.gz': 'one,twoFOOT',
      'a.snapshot.mojo.gz': 'one,FOOT',
    });
  });

  it('in which nothing was written is discarded', () => {
    open('a.mojo.gz').discard();
    expect(files()).toEqual({});
  });

  it('that cannot be written says so at every chunk, and at the end', async () => {
    symlinkSync('/dev/full', join(folder, 'a.mojo.gz'));
    const output = open('a.mojo.gz');
    const noSpace = { code: 'ENOSPC' };
    await expect(give(output, 'one', true)).rejects.toMatchObject(noSpace);
    await expect(give(output, 'two')).rejects.toMatchObject(noSpace);
    await expect(output.finish()).rejects.toMatchObject(noSpace);
    await output.finish();
    expect(output.size()).toBe(0);
  });

  it('takes nothing after its end', async () => {
    const output = open('a.mojo.gz');
    await give(output, 'one', true);
    await output.finish();
    await expect(give(output, 'two')).rejects.toThrow('is complete');
  });
});

describe('one plain file', () => {
  it('is written by the sampler, and copied as far as it is whole', async () => {
    const output = open('a.mojo');
    expect(output.sink.onChunk).toBeUndefined();
    writeFileSync(output.sink.outputFd!, 'whole sample, half a sam');
    const { path, bytes } = await output.snapshot({ bytes: 13, footer });
    expect({ path, bytes }).toEqual({ path: join(folder, 'a.snapshot.mojo'), bytes: 17 });
    expect(readFileSync(path, 'utf8')).toBe('whole sample,FOOT');
    await output.finish();
    expect(output.size()).toBe(24);
  });

  it.each(['a.mojo', 'a.mojo.gz'])('is discarded before or after its end: %s', async (name) => {
    const early = open(name);
    early.discard();
    await early.finish();
    const late = open(name);
    await late.finish();
    late.discard();
    late.discard();
    expect(files()).toEqual({});
  });

  it('has no snapshot when it is none, or cannot be read', async () => {
    const nothing = openRecordingOutput({ path: '/dev/null', name: 'unused', rotation: undefined });
    await expect(nothing.snapshot({ bytes: 0, footer })).rejects.toMatchObject({
      code: 'ERR_SNAPSHOT',
      message: 'no snapshot of /dev/null was written: it is not a file',
    });
    await nothing.finish();
    const output = open('a.mojo');
    await expect(output.snapshot({ bytes: 100, footer })).rejects.toMatchObject({
      message: expect.stringMatching(/the file has become shorter$/),
    });
    rmSync(join(folder, 'a.mojo'));
    await expect(output.snapshot({ bytes: 0, footer })).rejects.toMatchObject({
      message: expect.stringMatching(/no such file or directory$/),
    });
    await output.finish();
    expect(files()).toEqual({});
  });
});

describe('rotation', () => {
  /** Has `output` ask for its next file, and gives it one when it does. */
  function rotations(output: RecordingOutput): () => number {
    let asked = 0;
    output.follow?.({ rotate: () => asked++ });
    return () => asked;
  }

  it('goes on in numbered files', async () => {
    const output = open('a.mojo', { seconds: 60 });
    await give(output, 'head1,', true);
    await give(output, 'foot1');
    await Promise.all([give(output, 'head2,', true), give(output, 'foot2'), give(output, 'head3', true)]);
    await output.finish();
    expect(files()).toEqual({
      'a.0001.mojo': 'head1,foot1',
      'a.0002.mojo': 'head2,foot2',
      'a.0003.mojo': 'head3',
    });
    expect(output).toMatchObject({
      firstPath: join(folder, 'a.0001.mojo'),
      path: join(folder, 'a.0003.mojo'),
      fileCount: 3,
    });
    expect(output.size()).toBe(27);
  });

  it('compresses each file by itself', async () => {
    const output = open('a.mojo.gz', { bytes: 10_000 });
    await give(output, 'one', true);
    await give(output, 'two', true);
    await output.finish();
    expect(files()).toEqual({ 'a.0001.mojo.gz': 'one', 'a.0002.mojo.gz': 'two' });
  });

  it('asks once when a file is large enough, and again when the next one is', async () => {
    const output = open('a.mojo', { bytes: 10_000 });
    const asked = rotations(output);
    await give(output, 'x'.repeat(9_999), true);
    expect(asked()).toBe(0);
    for (let i = 0; i < 3; i++) await give(output, 'x');
    expect(asked()).toBe(1);
    await give(output, 'y'.repeat(9_999), true);
    expect(asked()).toBe(1);
    await give(output, 'y');
    expect(asked()).toBe(2);
    await output.finish();
  });

  it('asks when the time is over, counted from the start of each file', async () => {
    const output = open('a.mojo', { seconds: 0.05 });
    const asked = rotations(output);
    await give(output, 'one', true);
    while (asked() === 0) await delay(5);
    await give(output, 'two', true);
    while (asked() === 1) await delay(5);
    expect(asked()).toBe(2);
    await output.finish();
  });

  it('replaces nothing', async () => {
    writeFileSync(join(folder, 'a.0007.mojo'), 'old');
    expect(() => open('a.mojo', { seconds: 60 })).toThrow(
      expect.objectContaining({
        code: 'ERR_OUTPUT_EXISTS',
        message: expect.stringContaining('a.0007.mojo'),
      }),
    );
    writeFileSync(join(folder, 'austin.app.0001.mojo'), 'old');
    const derived = openDerived({ seconds: 60 });
    expect(derived.path).toBe(join(folder, 'austin.app.2.0001.mojo'));
    await give(derived, 'one', true);
    writeFileSync(join(folder, 'austin.app.2.0002.mojo'), 'appeared');
    await give(derived, 'two', true);
    await derived.finish();
    expect(files()).toMatchObject({
      'a.0007.mojo': 'old',
      'austin.app.0001.mojo': 'old',
      'austin.app.2.0001.mojo': 'one',
      'austin.app.2.0002.mojo': 'appeared',
      'austin.app.2.0003.mojo': 'two',
    });
  });

  it('fails with the system when there can be no next file', async () => {
    const sub = join(folder, 'sub');
    mkdirSync(sub);
    const output = openRecordingOutput({
      path: join(sub, 'a.mojo'),
      name: 'unused',
      rotation: { seconds: 60 },
    });
    await give(output, 'one', true);
    renameSync(sub, join(folder, 'elsewhere'));
    await expect(give(output, 'two', true)).rejects.toMatchObject({ code: 'ENOENT' });
    await output.finish();
    // What belongs to another file is not written to this one.
    expect(readFileSync(join(folder, 'elsewhere/a.0001.mojo'), 'utf8')).toBe('one');
  });

  it('is for files', () => {
    expect(() => openRecordingOutput({ path: '-', name: '', rotation: { seconds: 60 } })).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_ROTATE' }),
    );
    expect(() => open('no/a.mojo', { seconds: 60 })).toThrow(
      expect.objectContaining({
        code: 'ERR_OUTPUT_OPEN',
        message: expect.stringMatching(/a\.0001\.mojo: no such file or directory$/),
      }),
    );
  });
});

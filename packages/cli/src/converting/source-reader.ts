import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { ProfileHead, SourceText } from '@austin-profiler/convert';
import { metadataValue } from '@austin-profiler/profile';
import { count } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';

/** Bytes of one file, and of all: a page that embeds more opens nowhere. */
const MOST_BYTES = 4 << 20;
const MOST_BYTES_IN_ALL = 64 << 20;
/** Problems that are said one by one. */
const MOST_SAID = 5;

const PYTHON_NAME = /\.(?:py|pyw|pyi|pyx|pxd)$/i;
const PYTHON_SCRIPT = /^#![^\n]*python/;
/** PEP 263: a comment in one of the first two lines names the encoding. */
const ENCODING = /^(?:[ \t\f]*#.*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

/**
 * Reads the source files that a profile names. Only Python files: a profile from elsewhere may name any file, and
 * what is embedded is passed on.
 */
export class SourceReader {
  readonly #problems: string[] = [];
  #files = 0;
  #bytes = 0;
  #changed = 0;

  readonly read = (file: string, profile: ProfileHead): SourceText => {
    try {
      const source = this.#readFile(file, recordingEnd(profile));
      this.#files++;
      return source;
    } catch (error) {
      const problem = error instanceof Unsuitable ? error.message : systemReason(error);
      this.#problems.push(`${printable(file)}: ${problem}`);
      return { problem };
    }
  };

  /** What became of it, a line each. */
  report(): string[] {
    const files = (number: number): string =>
      number === 1 ? '1 source file' : `${count(number)} source files`;
    const said = this.#problems.slice(0, MOST_SAID).map((problem) => `could not embed ${problem}`);
    const rest = this.#problems.length - said.length;
    if (rest > 0) said.push(`could not embed ${files(rest)} more; the page names them`);
    if (this.#changed > 0) {
      said.push(`${files(this.#changed)} changed after the recording: lines may not be where they were`);
    }
    return [`embedded ${files(this.#files)}`, ...said];
  }

  #readFile(file: string, recordedUntilMs: number | undefined): SourceText {
    // Opening a pipe would otherwise wait for somebody to write.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) throw new Unsuitable('it is not a file');
      if (stat.size > MOST_BYTES) throw new Unsuitable(`it is larger than ${MOST_BYTES >> 20} MiB`);
      if (this.#bytes + stat.size > MOST_BYTES_IN_ALL) {
        throw new Unsuitable(`all together are larger than ${MOST_BYTES_IN_ALL >> 20} MiB`);
      }
      const bytes = Buffer.alloc(stat.size);
      const text = decode(file, bytes.subarray(0, readSync(fd, bytes, 0, stat.size, 0)));
      this.#bytes += stat.size;
      if (recordedUntilMs === undefined || stat.mtimeMs <= recordedUntilMs) return { text };
      this.#changed++;
      return { text, warning: 'The file changed after the recording: lines may not be where they were.' };
    } finally {
      closeSync(fd);
    }
  }
}

class Unsuitable extends Error {}

function decode(file: string, bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 400)).toString('latin1');
  if (!PYTHON_NAME.test(basename(file)) && !PYTHON_SCRIPT.test(head)) {
    throw new Unsuitable('it is no Python file by its name or first line');
  }
  const encoding = ENCODING.exec(head)?.[1] ?? 'utf-8';
  try {
    // Python writes `latin-1` and `utf_8` where the web writes `latin1` and `utf-8`.
    const label = encoding.toLowerCase().replaceAll('_', '-').replace('latin-', 'latin');
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    throw new Unsuitable(`it cannot be read as ${printable(encoding)}`);
  }
}

/** When the recording ended, in ms since 1970, if it says so. */
function recordingEnd(profile: ProfileHead): number | undefined {
  const start = Date.parse(metadataValue(profile, 'x-start-time') ?? '');
  const durationUs = Number(metadataValue(profile, 'duration') ?? Number.NaN);
  const end = start + durationUs / 1000;
  return Number.isFinite(end) ? end : undefined;
}

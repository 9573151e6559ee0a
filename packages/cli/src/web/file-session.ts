import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import {
  convertProfile,
  type Format,
  formatById,
  LiveProfile,
  readInto,
  type SourceText,
} from '@austin-profiler/convert';
import { AustinError } from '@austin-profiler/profile';
import type { Download, ProcessEntry, SessionStatus, WebSession } from '@austin-profiler/web';
import { withoutExtension } from '../converting/names.js';
import { type ReadFlags, requireReadable, ShownReading } from '../converting/reading.js';
import { SourceReader } from '../converting/source-reader.js';
import { readVersion } from '../version.js';
import { LIVE_LIMITS } from './live-limits.js';

/** A profile from a file, as a page shows it: there is nothing to record. */
export class FileSession implements WebSession {
  readonly #path: string;
  readonly #live: LiveProfile;
  readonly #format: Format;
  readonly #sources = new SourceReader();

  private constructor(path: string, live: LiveProfile, format: Format) {
    this.#path = path;
    this.#live = live;
    this.#format = format;
  }

  /**
   * Reads a file.
   *
   * @throws AustinError `ERR_INPUT_READ`, `ERR_USAGE_FORMAT`, or what the format's reader throws
   */
  static async read(path: string, flags: ReadFlags): Promise<FileSession> {
    if (flags.from !== undefined) requireReadable(flags.from);
    const live = new LiveProfile(LIVE_LIMITS);
    const format = await readInto(new ShownReading(path), live, {
      ...(flags.from !== undefined && { format: flags.from }),
      fileName: basename(path),
      strict: flags.strict === true,
    });
    return new FileSession(path, live, format);
  }

  live(): LiveProfile {
    return this.#live;
  }

  status(): SessionStatus {
    const title = basename(this.#path);
    return { title, phase: 'ended', message: `This is the file ${title}.`, can: [] };
  }

  async control(): Promise<void> {
    throw new AustinError('ERR_USAGE_TARGET', 'a file is shown: there is nothing to start or stop', {
      kind: 'usage',
      hint: 'begin with `austin web` to record a process',
    });
  }

  /** From the file itself, which holds more than is shown. */
  async download(format: string): Promise<Download> {
    const name = basename(withoutExtension(this.#path));
    const sources = formatById(format)?.embedsSources ? new SourceReader() : undefined;
    const chunks = convertProfile(createReadStream(this.#path), format, {
      name,
      exporter: `austin-profiler@${readVersion()}`,
      input: { format: this.#format.id, fileName: basename(this.#path) },
      ...(sources && { readSource: sources.read }),
    });
    return { name, chunks };
  }

  readSource(file: string): SourceText {
    return this.#sources.read(file, this.#live.head());
  }

  async processes(): Promise<readonly ProcessEntry[]> {
    return [];
  }
}

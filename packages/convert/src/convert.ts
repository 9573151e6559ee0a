import {
  AustinError,
  type Diagnostic,
  metadataValue,
  type Profile,
  ProfileBuilder,
  type ProfileSink,
} from '@austin-profiler/profile';
import { ADDED_UP_KEY, BoundedBuilder } from './adding-up/bounded-builder.js';
import { detectFormat, MAX_HEAD_BYTES } from './detect.js';
import type { Format, Piece, ReadOptions, WriteOptions } from './format.js';
import { gzip } from './gzip.js';
import { interleave } from './interleave.js';
import { type Chunks, PeekedInput } from './peeked-input.js';
import { toChunks } from './pieces.js';
import { formatById, formats } from './registry.js';
import { BoundedProfile, CountingSink, UnmarkedSink } from './sinks.js';
import { unpack } from './unpack.js';

export interface ReadProfileOptions extends ReadOptions {
  /** Id of the format; without it, content decides. */
  readonly format?: string;
  /** Breaks ties between formats that content cannot tell apart. */
  readonly fileName?: string;
}

/**
 * Reads a profile of any format, packed with gzip or Zstandard or not.
 *
 * @throws AustinError ERR_INPUT_EMPTY, ERR_FORMAT_UNKNOWN, ERR_FORMAT_WRITE_ONLY, ERR_USAGE_FORMAT,
 * ERR_GZIP_INVALID, ERR_ZSTD_INVALID, or what the format's reader throws
 */
export async function readProfile(chunks: Chunks, options: ReadProfileOptions = {}): Promise<Profile> {
  const builder = new ProfileBuilder();
  await readInto(chunks, builder, options);
  return builder.build();
}

/** As {@link readProfile}, into a sink, sample by sample. Resolves to the format that was read. */
export async function readInto(
  chunks: Chunks,
  sink: ProfileSink,
  options: ReadProfileOptions = {},
): Promise<Format> {
  const { format, source } = await open(chunks, sink, options);
  await format.read(source, sinkFor(format, sink), { strict: options.strict === true });
  return format;
}

function sinkFor({ id }: Format, sink: ProfileSink): ProfileSink {
  return id === 'mojo' ? sink : new UnmarkedSink(sink);
}

/** The input unzipped, and its format. */
async function open(
  chunks: Chunks,
  sink: ProfileSink,
  options: ReadProfileOptions,
): Promise<{ format: ReadableFormat; source: AsyncIterable<Uint8Array> }> {
  const named = options.format === undefined ? undefined : readable(requireFormat(options.format));
  const unpacked = unpack(chunks, {
    strict: options.strict === true,
    onDiagnostic: (diagnostic) => sink.addDiagnostic(diagnostic),
  });
  const { format, source } = await sniff(unpacked, named, options.fileName);
  return { format: readable(format), source };
}

/** What a conversion read. */
export interface Conversion {
  readonly source: Format;
  readonly sampleCount: number;
  readonly threadCount: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ConvertOptions extends WriteOptions {
  /** How to read the input. */
  readonly input?: ReadProfileOptions;
  /**
   * Of formats that are written from a profile of bounded size: how many samples are kept one by one. Of a longer
   * recording all are added up over time. Default: 2,097,152.
   */
  readonly mostSamples?: number;
  /** Called once, after the last byte of the output. */
  readonly onEnd?: (conversion: Conversion) => void;
}

/**
 * Converts a profile of any format into another one while it is read, in memory that does not grow with the length of the
 * recording: MOJO, collapsed text and JSON lines are written sample by sample; pprof, callgrind, pstats, SVG, summaries and, if
 * it is long, speedscope from sums; HTML, Firefox Profiler and trace from a profile of bounded size.
 *
 * @throws AustinError what {@link readProfile} and {@link writeProfile} throw
 */
export function convertProfile(
  chunks: Chunks,
  formatId: string,
  options: ConvertOptions = {},
): AsyncIterable<Uint8Array> {
  const format = requireFormat(formatId);
  if (!format.write) throw cannot(format, 'written');
  return packed(format, convertedPieces(chunks, format as WritableFormat, options), options);
}

type WritableFormat = Format & Required<Pick<Format, 'write'>>;

async function* convertedPieces(
  chunks: Chunks,
  target: WritableFormat,
  options: ConvertOptions,
): AsyncIterable<Piece> {
  const writer = target.stream?.(options) ?? boundedProfile(target, options);
  const sink = new CountingSink(writer);
  const { format, source } = await open(chunks, sink, options.input ?? {});
  const strict = options.input?.strict === true;
  yield* interleave(source, (turns) => format.read(turns, sinkFor(format, sink), { strict }), writer);
  yield* writer.end();
  const { sampleCount, diagnostics } = sink;
  const threadCount = writer.tables.threadCount;
  options.onEnd?.({ source: format, sampleCount, threadCount, diagnostics });
}

function boundedProfile(target: WritableFormat, options: ConvertOptions): BoundedProfile {
  return new BoundedProfile(new BoundedBuilder(options.mostSamples), (profile) => {
    const addedUp = metadataValue(profile, ADDED_UP_KEY);
    if (addedUp !== undefined) options.onNotice?.(`a long recording: ${addedUp}`);
    return target.write(profile, options);
  });
}

/**
 * Writes a profile as a stream of bytes.
 *
 * @throws AustinError ERR_USAGE_FORMAT when no format has this id, or it can only be read
 */
export function writeProfile(
  profile: Profile,
  formatId: string,
  options: WriteOptions = {},
): AsyncIterable<Uint8Array> {
  const format = requireFormat(formatId);
  if (!format.write) throw cannot(format, 'written');
  return packed(format, format.write(profile, options), options);
}

function packed(
  format: Format,
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  { gzip: isPacked = format.gzip ?? false, reuseChunks = false }: WriteOptions,
): AsyncIterable<Uint8Array> {
  return isPacked ? gzip(toChunks(pieces)) : toChunks(pieces, reuseChunks);
}

function requireFormat(id: string): Format {
  const format = formatById(id);
  if (format) return format;
  throw new AustinError('ERR_USAGE_FORMAT', `There is no format "${id}".`, {
    kind: 'usage',
    hint: `The formats are: ${formats.map((known) => known.id).join(', ')}.`,
  });
}

type ReadableFormat = Format & Required<Pick<Format, 'read'>>;

function readable(format: Format): ReadableFormat {
  if (!format.read) throw cannot(format, 'read');
  return format as ReadableFormat;
}

function cannot(format: Format, what: 'read' | 'written'): AustinError {
  const code = what === 'read' ? 'ERR_FORMAT_WRITE_ONLY' : 'ERR_USAGE_FORMAT';
  return new AustinError(code, `${format.title} cannot be ${what}.`, {
    kind: what === 'read' ? 'data' : 'usage',
    hint: `Formats that can be ${what}: ${idsOf(what)}.`,
  });
}

function idsOf(what: 'read' | 'written'): string {
  const able = formats.filter((format) => (what === 'read' ? format.read : format.write));
  return able.map((format) => format.id).join(', ');
}

async function sniff(
  chunks: AsyncIterable<Uint8Array>,
  named: Format | undefined,
  fileName: string | undefined,
): Promise<{ format: Format; source: AsyncIterable<Uint8Array> }> {
  const input = new PeekedInput(chunks);
  let wanted = 1;
  for (;;) {
    const head = await input.head(wanted);
    if (head.length === 0) {
      throw new AustinError('ERR_INPUT_EMPTY', 'The input is empty: it has no bytes to read.', {
        kind: 'data',
        offset: 0,
        hint: 'Check that the recording was written: its last line names the file and the number of samples.',
      });
    }
    if (named) return { format: named, source: input.all() };
    const isWhole = head.length < wanted || head.length >= MAX_HEAD_BYTES;
    const format = detectFormat(head, { fileName, isWhole });
    if (format === undefined) throw unknownFormat(head);
    if (format !== 'more') return { format, source: input.all() };
    // Twice as much, not a bit more: what comes in small pieces would be looked at again and again.
    wanted = head.length * 2;
  }
}

function unknownFormat(head: Uint8Array): AustinError {
  const start = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return new AustinError('ERR_FORMAT_UNKNOWN', `The input is of no known format: it starts with ${start}.`, {
    kind: 'data',
    offset: 0,
    hint: `Formats that can be read: ${idsOf('read')}. If it is one of them, name it.`,
  });
}

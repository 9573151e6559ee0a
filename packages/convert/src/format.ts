import type { Metric, Profile, ProfileSink } from '@austin-profiler/profile';

/** What a format says of the first bytes of an input. `more` asks for a longer head. */
export type Detection = 'yes' | 'no' | 'more';

export interface ReadOptions {
  /** Fail at the first damage instead of counting it in the profile's diagnostics. Default: false. */
  readonly strict?: boolean;
}

/** A source file: its text, with what is doubtful about it, or why it cannot be had. */
export type SourceText = { readonly text: string; readonly warning?: string } | { readonly problem: string };

/** A profile without its samples. */
export type ProfileHead = Omit<Profile, 'samples'>;

/** Options of all writers. A writer ignores what its format has no room for. */
export interface WriteOptions {
  /** Name of the profile, shown by viewers: usually the base name of the input file. */
  readonly name?: string;
  /** What viewers shall count as one row: a function, or a function at a line. Default: `function`. */
  readonly frames?: 'function' | 'line';
  /** Spaces to indent JSON by. Default: none. The text is then built in memory before it is written. */
  readonly indent?: number;
  /** Version of the format to write, where it has several (MOJO). */
  readonly version?: number;
  /** Gives the text of a source file that the profile names, for formats that embed it. Default: none is embedded. */
  readonly readSource?: (file: string, profile: ProfileHead) => SourceText;
  /** Program to name as the exporter, `name@version`. */
  readonly exporter?: string;
  /** The weight to write, for formats with room for one. Default: the first that the profile's mode has. */
  readonly weight?: Metric;
  /** Gets a sentence for people when the output says less than its format could, and why. */
  readonly onNotice?: (notice: string) => void;
  /**
   * Each chunk of the output may be overwritten as soon as the next is asked for: for callers who are done with it by then,
   * and a lot less memory to fill. Default: false.
   */
  readonly reuseChunks?: boolean;
  /** Gzip the output. Default: what {@link Format.gzip} says. */
  readonly gzip?: boolean;
}

/** Text to be encoded as UTF-8, or bytes, which may be others as soon as the next piece is asked for. */
export type Piece = Uint8Array | string;

/**
 * Writes samples as they come, in memory that does not grow with their number: of a recording of any size there are only its
 * strings, functions and stacks. What it writes is what {@link Format.write} writes, unless a notice says otherwise.
 */
export interface StreamingWriter extends ProfileSink {
  /** How much waits to be taken, in units of the writer's own; 0 = nothing. */
  readonly waiting: number;
  /** What can be written by now. */
  take(): Iterable<Piece>;
  /** The rest, after the last sample. */
  end(): Iterable<Piece> | AsyncIterable<Piece>;
}

/**
 * One file format: a folder under `formats/` and a line in `registry.ts`. What takes long to load, readers that parse JSON or
 * protobuf and the page, is imported when it is used first: most conversions are over sooner than that.
 */
export interface Format {
  /** What users type: `--to <id>`. */
  readonly id: string;
  readonly title: string;
  /** Endings of file names, with the dot, the preferred one first. `.gz` and `.zst` are understood after each. */
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** The format is gzip-compressed on disk unless the caller says otherwise. */
  readonly gzip?: boolean;
  /** The format has room for the text of source files: {@link WriteOptions.readSource}. */
  readonly embedsSources?: boolean;
  /** What a profile can hold and this format cannot: one short phrase each, for people to read. */
  readonly loses: readonly string[];
  /**
   * Tells from content alone whether an input is of this format.
   *
   * @param head the first bytes, already unpacked
   * @param isWhole the head is the whole input, or as much of it as will be shown: `more` then counts as `no`
   */
  readonly detect?: (head: Uint8Array, isWhole: boolean) => Detection;
  /**
   * Reads an input into `sink`, in file order, over any chunk border. A chunk may be overwritten as soon as the next is asked
   * for.
   */
  readonly read?: (
    chunks: AsyncIterable<Uint8Array>,
    sink: ProfileSink,
    options: ReadOptions,
  ) => Promise<void>;
  /** Writes a profile in pieces. The same profile and options give the same bytes. */
  readonly write?: (profile: Profile, options: WriteOptions) => Iterable<Piece> | AsyncIterable<Piece>;
  /**
   * Starts to write a profile that is not there yet as a whole. Formats without it are written from a profile that is there,
   * and of which long recordings are added up over time: nobody can look at millions of single samples.
   */
  readonly stream?: (options: WriteOptions) => StreamingWriter;
}

import { AustinError, type Diagnostic, isAustinError, type ProfileSink } from '@austin-profiler/profile';
import { SampleAssembler } from './assembler.js';
import { type DecodeOptions, toDiagnostic } from './decode.js';
import { MojoParser } from './parser.js';
import type { MojoVersion } from './version.js';

export interface ReadMojoOptions extends DecodeOptions {
  /**
   * Hand on a sample at the end of the chunk that completes it, if the mode is known, instead of at the STACK or
   * METADATA behind it: for recordings that are still being made. Chunk borders then decide whether an event behind the
   * last metric of a sample, which no known recorder writes, still counts. Default: false.
   */
  readonly live?: boolean;
}

/**
 * Fills a profile from MOJO bytes in chunks with any borders, which do not show in what is read unless `live`. Memory is that of the sink and its tables; samples are not kept.
 */
export class MojoReader {
  readonly #sink: ProfileSink;
  readonly #strict: boolean;
  readonly #isLive: boolean;
  readonly #assembler: SampleAssembler;
  readonly #parser: MojoParser;
  #isStopped = false;

  constructor(sink: ProfileSink, options: ReadMojoOptions = {}) {
    this.#sink = sink;
    this.#strict = options.strict ?? false;
    this.#isLive = options.live ?? false;
    this.#assembler = new SampleAssembler(sink, this.#strict, () => this.#parser.offset);
    this.#parser = new MojoParser(this.#assembler);
  }

  /** Undefined until the header is read. */
  get version(): MojoVersion | undefined {
    return this.#parser.version;
  }

  /** Whether damage or the end of input ended the reading: further input is ignored. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * The caller may reuse the chunk afterwards.
   *
   * @throws AustinError of kind `data` for a file that is not MOJO 1 to 4; when strict, for any damage
   */
  push(chunk: Uint8Array): void {
    if (this.#isStopped) return;
    this.#attempt(() => this.#parser.push(chunk));
    if (this.#isLive && !this.#isStopped) this.#assembler.flush();
  }

  /**
   * Says that the input is over: hands on the last sample, then the diagnostics. Call it once.
   *
   * @returns the version of the file
   * @throws AustinError `ERR_MOJO_EMPTY`, `ERR_MOJO_NOT_MOJO`, `ERR_MOJO_TRUNCATED` if not even the header is whole;
   * when strict, for a cut event or a last sample without its metric
   */
  end(): MojoVersion {
    if (!this.#isStopped) {
      this.#attempt(() => {
        this.#parser.end();
        const sample = this.#assembler.incompleteSample;
        if (sample !== undefined) throw endsInSample(sample);
      });
      if (!this.#isStopped) this.#assembler.finish();
      this.#isStopped = true;
    }
    return this.#parser.version!;
  }

  /** Runs a step of the parser; when lenient, damage ends the reading with what came before it. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (this.#strict || this.version === undefined || !isAustinError(error) || error.kind !== 'data')
        throw error;
      this.#isStopped = true;
      const sample = this.#assembler.incompleteSample;
      this.#assembler.finish();
      this.#sink.addDiagnostic(withLostSample(toDiagnostic(error), sample));
    }
  }
}

function endsInSample(offset: number): AustinError {
  return new AustinError(
    'ERR_MOJO_INCOMPLETE_SAMPLE',
    `The file ends inside the sample that starts at byte ${offset}.`,
    {
      kind: 'data',
      offset,
      hint: 'The recording was cut off or is still being written; the samples before this are whole.',
    },
  );
}

/** One report for one damage: it also says that the sample it fell into is lost. */
function withLostSample(diagnostic: Diagnostic, sample: number | undefined): Diagnostic {
  if (sample === undefined) return diagnostic;
  const which = sample === diagnostic.offset ? 'That sample' : `The sample that starts at byte ${sample}`;
  return { ...diagnostic, message: `${diagnostic.message} ${which} is not complete and was left out.` };
}

/**
 * Reads a MOJO file, or a live stream of one, into a sink. Reading stops at damage: everything before it is
 * delivered and a diagnostic says where it is. Also counted as diagnostics: undefined keys, samples without
 * metric, asyncio tasks, which a profile does not hold.
 *
 * @returns the version of the file
 * @throws AustinError of kind `data` for input that is not MOJO 1 to 4: `ERR_MOJO_EMPTY`, `ERR_MOJO_NOT_MOJO`,
 * `ERR_MOJO_VERSION`, `ERR_MOJO_TRUNCATED`; when strict, for any damage, with its offset
 */
export async function readMojo(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadMojoOptions = {},
): Promise<MojoVersion> {
  const reader = new MojoReader(sink, options);
  for await (const chunk of chunks) {
    reader.push(chunk);
    if (reader.isStopped) break;
  }
  return reader.end();
}

import type { Diagnostic } from '@austin-profiler/profile';
import { type DecodeOptions, MojoDecoder } from './decode.js';
import { MojoEncoder } from './encode.js';
import type { LocatedMojoEvent, MojoEvent } from './events.js';

/**
 * What becomes of an event: the event itself keeps it byte for byte; another, or several, take its place; undefined
 * removes it.
 */
export type MojoEdit = (event: LocatedMojoEvent) => MojoEvent | readonly MojoEvent[] | undefined;

export interface RewriteOptions extends DecodeOptions {
  /** Is told what ended the reading early: the events before that were written. */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

/**
 * Copies a MOJO file event by event, in chunks. Whatever the edit does not replace stays byte for byte as it was
 * recorded: padded integers, texts that are not UTF-8, keys, order. Without an edit the output is the input, up to its
 * first damage: the whole events of a file that was cut off are a whole file.
 *
 * Keys are not looked after: an edit that removes a definition has to remove what refers to it.
 *
 * @throws AustinError of kind `data` for input that is not MOJO 1 to 4; when strict, for any damage;
 * `ERR_MOJO_UNENCODABLE` for an event of the edit that the version does not have
 */
export async function* rewriteMojo(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  edit: MojoEdit = (event) => event,
  options: RewriteOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const decoder = new MojoDecoder({ strict: options.strict ?? false, keepBytes: true });
  let encoder: MojoEncoder | undefined;
  for await (const chunk of chunks) {
    const events = decoder.push(chunk);
    if (decoder.version === undefined) continue;
    encoder ??= new MojoEncoder(decoder.version, decoder.header);
    for (const event of events) write(encoder, event, edit(event));
    const bytes = encoder.take();
    if (bytes.length > 0) yield bytes;
    if (decoder.isStopped) break;
  }
  decoder.end();
  for (const diagnostic of decoder.diagnostics) options.onDiagnostic?.(diagnostic);
}

function write(encoder: MojoEncoder, event: LocatedMojoEvent, result: ReturnType<MojoEdit>): void {
  const events = result === undefined ? [] : 'type' in result ? [result] : result;
  for (const one of events) {
    if (one === event) encoder.copy(event.bytes!);
    else encoder.push(one);
  }
}

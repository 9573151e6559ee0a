import { AustinError, type ProfileSink } from '@austin-profiler/profile';
import type { ReadOptions } from './format.js';
import { readJson } from './json.js';
import { Losses } from './losses.js';

/**
 * Reads a format that is one JSON text, and tells the sink what was lost: by the damage of the text, and by what `read`
 * could not make sense of.
 *
 * @throws AustinError as `readJson`, as `Losses`, and what `read` throws
 */
export async function readJsonProfile(
  chunks: AsyncIterable<Uint8Array>,
  sink: ProfileSink,
  options: ReadOptions & { readonly mayStayOpen?: boolean },
  read: (value: unknown, losses: Losses) => void,
): Promise<void> {
  const { value, damage } = await readJson(chunks, options);
  const losses = new Losses(sink, options.strict);
  read(value, losses);
  if (damage) sink.addDiagnostic(damage);
  losses.report();
}

/** The error of a sound JSON text that is of another format. */
export function otherJson(code: string, message: string): AustinError {
  return new AustinError(code, message, {
    kind: 'data',
    offset: 0,
    hint: 'If it is of another format, name that format, or none: the content then decides.',
  });
}

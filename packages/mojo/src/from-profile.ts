import {
  metadataInPlace,
  type Profile,
  parseThreadKey,
  replaySample,
  type ThreadId,
  threadKey,
} from '@austin-profiler/profile';
import { MojoWriter, type MojoWriterOptions, THREAD_NAME_KEY } from './mojo-writer.js';

export type WriteMojoOptions = Pick<MojoWriterOptions, 'version'>;

/** About how many bytes a chunk of {@link writeMojo} has. Chunks end between samples. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Writes a profile as MOJO, version 3 unless asked otherwise, in chunks that end between samples.
 *
 * Native frames of a mapped file are written as their addresses, with `x-module` metadata of the file unless the profile's
 * metadata names it. What MOJO cannot hold is left out: first lines of functions, the kind of a native frame that has neither an
 * address nor a file name that starts with `native@`, the end line of a native frame, file names of kernel frames, diagnostics. A thread
 * without interpreter id gets 0 from version 3 on; versions 1 and 2 have no interpreter ids, version 1 no positions.
 * Weights are rounded to whole units per thread without losing any; NUL in a name becomes U+FFFD.
 *
 * @throws AustinError `ERR_MOJO_UNENCODABLE` for a weight or process id that is not a finite number
 */
export function* writeMojo(profile: Profile, options: WriteMojoOptions = {}): Generator<Uint8Array, void> {
  const { tables, samples, metadata } = profile;
  const writer = new MojoWriter(tables, { ...options, mode: profile.mode });
  const writeMetadata = metadataInPlace(metadata, ({ key, value }) => writer.addMetadata(key, value));

  writeMetadata(0);
  for (const [key, name] of unwrittenThreadNames(profile)) writer.addMetadata(key, name);
  for (let i = 0; i < samples.length; i++) {
    writeMetadata(i);
    replaySample(samples, i, writer);
    if (writer.length >= CHUNK_BYTES) yield writer.take();
  }
  writeMetadata(Number.POSITIVE_INFINITY);
  yield writer.take();
}

/** Metadata for thread names that come from a format that has a place of its own for them. */
function unwrittenThreadNames({ tables, metadata }: Profile): [key: string, name: string][] {
  const written = new Set<string>();
  for (const { key } of metadata) {
    const thread = parseThreadKey(key, THREAD_NAME_KEY);
    if (thread) written.add(threadKey(THREAD_NAME_KEY, thread));
  }
  const missing: [string, string][] = [];
  for (let id = 0; id < tables.threadCount; id++) {
    const name = tables.threadName(id as ThreadId);
    const key = threadKey(THREAD_NAME_KEY, tables.thread(id as ThreadId));
    if (name !== undefined && !written.has(key)) missing.push([key, name]);
  }
  return missing;
}

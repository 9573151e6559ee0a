import { basename } from 'node:path';
import { ADDED_UP_KEY, type Format, type WriteOptions, writeProfile } from '@austin-profiler/convert';
import { metadataValue, type Profile } from '@austin-profiler/profile';
import { exitCodeOf } from '../exit-codes.js';
import { diagnosticText, lossText, profileText } from '../output/conversion-notes.js';
import { bytes } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { say } from '../output/stdio.js';
import { createWorkProgress } from '../output/work-progress.js';
import { readVersion } from '../version.js';
import type { ConvertOutput } from './output.js';
import type { WritableFormat } from './target-format.js';

/** A profile on its way into a file. */
export interface Written {
  readonly profile: Profile;
  /** Where it comes from: what this format cannot hold either is no loss. */
  readonly source: Format;
  readonly target: WritableFormat;
  readonly options?: WriteOptions;
  /** What else is to be said when everything is written, a line each. */
  readonly notes?: () => readonly string[];
}

/**
 * Writes what `make` answers with, and says what came of it. An error, or a signal, leaves no half-written file.
 *
 * @throws AustinError what `make` throws, `ERR_OUTPUT_WRITE`, `ERR_OUTPUT_CLOSED`
 */
export async function writeInto(open: () => ConvertOutput, make: () => Promise<Written>): Promise<void> {
  await completely(open, async (output) => {
    const { profile, source, target, options, notes } = await make();
    const size = await writeChunks(
      output,
      writeProfile(profile, target.id, {
        ...options,
        ...(output.path?.toLowerCase().endsWith('.gz') && { gzip: true }),
        exporter: `austin-profiler@${readVersion()}`,
      }),
    );
    return () => {
      for (const diagnostic of profile.diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
      const loss = lossText(source, target);
      if (loss !== undefined) say(`austin: ${loss}`);
      const addedUp = metadataValue(profile, ADDED_UP_KEY);
      if (addedUp !== undefined) say(`austin: a long recording: ${addedUp}`);
      for (const note of notes?.() ?? []) say(`austin: ${note}`);
      if (output.path === undefined) return;
      say(`austin: wrote ${printable(output.path)}, ${target.id}, ${bytes(size)}: ${profileText(profile)}`);
    };
  });
}

/**
 * Opens the output, runs `write`, and commits; or aborts if it fails or a signal comes. What it answers with is called at
 * the end.
 */
export async function completely(
  open: () => ConvertOutput,
  write: (output: ConvertOutput) => Promise<() => void>,
): Promise<void> {
  let output: ConvertOutput | undefined;
  // From before there is anything to clean up.
  const stopListening = onEndingSignals(() => output?.abort());
  try {
    output = open();
    const report = await write(output);
    output.commit();
    report();
  } catch (error) {
    output?.abort();
    throw error;
  } finally {
    stopListening();
  }
}

/** Writes all chunks. Answers with their size in bytes. */
export async function writeChunks(
  output: ConvertOutput,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  // What goes to standard output may be seen on the same terminal.
  const progress =
    output.path === undefined
      ? undefined
      : createWorkProgress(`writing ${printable(basename(output.path))}`, undefined);
  let size = 0;
  try {
    for await (const chunk of chunks) {
      await output.write(chunk);
      size += chunk.length;
      progress?.advance(chunk.length);
    }
  } finally {
    progress?.end();
  }
  return size;
}

function onEndingSignals(cleanUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    cleanUp();
    process.exit(exitCodeOf({ signal }));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

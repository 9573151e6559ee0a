import { basename } from 'node:path';
import { type Format, writeProfile } from '@austin-profiler/convert';
import { type Diagnostic, type Profile, sampleCount } from '@austin-profiler/profile';
import { exitCodeOf } from '../exit-codes.js';
import { leave } from '../leave.js';
import { countsText, diagnosticText, lossText } from '../output/conversion-notes.js';
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
}

/**
 * Writes what `make` answers with, and says what came of it. An error, or a signal, leaves no half-written file.
 *
 * @throws AustinError what `make` throws, `ERR_OUTPUT_WRITE`, `ERR_OUTPUT_CLOSED`
 */
export async function writeInto(open: () => ConvertOutput, make: () => Promise<Written>): Promise<void> {
  await completely(open, async (output) => {
    const { profile, source, target } = await make();
    const notices: string[] = [];
    const size = await writeChunks(
      output,
      writeProfile(profile, target.id, {
        ...(output.path?.toLowerCase().endsWith('.gz') && { gzip: true }),
        exporter: `austin-profiler@${readVersion()}`,
        onNotice: (notice) => notices.push(notice),
      }),
    );
    return () => {
      const { diagnostics, tables } = profile;
      const counts = countsText(sampleCount(profile), tables.threadCount);
      sayWritten({ source, target, diagnostics, notices, counts, path: output.path, size });
    };
  });
}

/** What came of writing a file. */
export interface WrittenReport {
  /** Where it comes from: what this format cannot hold either is no loss. */
  readonly source: Format;
  readonly target: WritableFormat;
  readonly diagnostics: readonly Diagnostic[];
  /** What else is to be said, a line each. */
  readonly notices: readonly string[];
  /** What is in the file. */
  readonly counts: string;
  /** Undefined for standard output. */
  readonly path: string | undefined;
  /** In bytes. */
  readonly size: number;
}

/** Says what came of writing a file. */
export function sayWritten({
  source,
  target,
  diagnostics,
  notices,
  counts,
  path,
  size,
}: WrittenReport): void {
  for (const diagnostic of diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
  const loss = lossText(source, target);
  if (loss !== undefined) say(`austin: ${loss}`);
  for (const notice of notices) say(`austin: ${notice}`);
  if (path !== undefined) say(`austin: wrote ${printable(path)}, ${target.id}, ${bytes(size)}: ${counts}`);
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

/**
 * Writes all chunks. Answers with their size in bytes.
 *
 * @param isShown says whether how far it has come may be shown by now
 */
export async function writeChunks(
  output: ConvertOutput,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isShown: () => boolean = () => true,
): Promise<number> {
  // What goes to standard output may be seen on the same terminal.
  const progress =
    output.path === undefined
      ? undefined
      : createWorkProgress(`writing ${printable(basename(output.path))}`, undefined);
  let size = 0;
  let unshown = 0;
  try {
    for await (const chunk of chunks) {
      await output.write(chunk);
      size += chunk.length;
      unshown += chunk.length;
      if (!isShown()) continue;
      progress?.advance(unshown);
      unshown = 0;
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
    leave(exitCodeOf({ signal }));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

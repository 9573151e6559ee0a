import { isatty } from 'node:tty';
import { AustinError } from '@austin-profiler/profile';
import type { Recording, RecordingOptions } from '@austin-profiler/sampler';
import { noticeText } from '../output/notice.js';
import { completed } from '../recording/completion.js';
import { recordingOutput } from '../recording/open-recording-output.js';
import { openOutput } from '../recording/output-file.js';
import { commandOf, stateOf } from '../recording/proc.js';
import { provenance } from '../recording/provenance.js';
import type { RecordingOutput } from '../recording/recording-output.js';
import { runSession, type SessionEnd, type SessionManner } from '../recording/session.js';
import { readVersion } from '../version.js';
import type { ClassicOptions } from './command-line.js';
import { exitCodeOfError, exitCodeOfSignal, OK, READER_GONE } from './exit-codes.js';
import { COMPATIBLE_VERSION, type Generation } from './generation.js';
import { openTextOutput } from './text-output.js';
import { TextStream } from './text-stream.js';
import type { ClassicWords } from './words.js';

const STDOUT = 1;

type Sampler = typeof import('@austin-profiler/sampler');

/** A front end that stops the sampler wants everything to stop that it started, soon. */
const MANNER: SessionManner = { killAt: 2, passTo: 'tree', graceMs: 10_000 };

export interface Sampling {
  readonly generation: Generation;
  readonly options: ClassicOptions;
  readonly words: ClassicWords;
  /** A subcommand that looks like the command. */
  readonly meant?: string;
}

/** Starts a command and samples it to its end. Answers with the exit code, which is not that of the command. */
export function sampleCommand(command: readonly string[], sampling: Sampling): Promise<number> {
  return runSession({ command }, MANNER, () => plan(sampling, command, undefined));
}

/** Samples a process that runs already, and leaves it as it is. */
export function sampleProcess(pid: number, sampling: Sampling): Promise<number> {
  return runSession({ pid }, MANNER, () => {
    requireProcess(pid);
    return plan(sampling, commandOf(pid), pid);
  });
}

async function plan(sampling: Sampling, command: readonly string[] | undefined, pid: number | undefined) {
  const { options, words } = sampling;
  const sampler = await import('@austin-profiler/sampler');
  const output = openStream(options);
  words.greet();
  return {
    stdoutTo: output.path === '-' ? ('ignore' as const) : 1,
    followsChildren: options.children,
    record: (target: number) => start(sampler, { ...sampling, pid: target, command, output }),
    conclude: (end: SessionEnd) => conclude(end, sampling, output, pid === undefined),
    close: () => output.finish(),
  };
}

/**
 * Without `-o` the stream goes to standard output. A name that ends in `.gz` is compressed.
 *
 * @throws AustinError `ERR_OUTPUT_OPEN`, `ERR_USAGE_TERMINAL`
 */
function openStream({ output = '-', binary }: ClassicOptions): RecordingOutput {
  if (output !== '-') return recordingOutput(openOutput(output, 'austin'));
  if (binary && isatty(STDOUT)) {
    throw new AustinError('ERR_USAGE_TERMINAL', 'the stream is binary and is not written to a terminal', {
      kind: 'usage',
      hint: 'name a file (`austin -o profile.mojo ...`), or type `austin record ...`, which does by itself',
    });
  }
  return recordingOutput({ fd: STDOUT, path: '-', empty() {}, close() {}, discard() {} });
}

/**
 * A process that cannot be sampled is refused before anything is written.
 *
 * @throws AustinError `ERR_PROCESS_GONE`, `ERR_NOT_PYTHON`
 */
export function requireProcess(pid: number): void {
  const state = stateOf(pid);
  if (state === undefined) {
    throw new AustinError('ERR_PROCESS_GONE', `there is no process ${pid}`, {
      kind: 'environment',
      hint: 'check the pid with `ps`; a process in a container has another pid outside it',
    });
  }
  if (state === 'Z' || state === 'X') {
    throw new AustinError('ERR_NOT_PYTHON', `process ${pid} has ended; its parent has not noticed yet`, {
      kind: 'environment',
    });
  }
}

function start(
  sampler: Sampler,
  what: Sampling & { pid: number; command: readonly string[] | undefined; output: RecordingOutput },
): Recording {
  const { generation, options, output, pid, words } = what;
  const common: RecordingOptions = {
    pid,
    intervalUs: options.intervalUs,
    mode: options.mode,
    children: options.children,
    gc: options.gc,
    native: options.native,
    kernel: options.kernel,
    timeoutMs: options.timeoutMs,
    durationUs: options.exposureUs,
    mojoVersion: 3,
    metadata: {
      austin: COMPATIBLE_VERSION[generation],
      ...provenance({ command: what.command, start: new Date(), version: readVersion() }),
    },
    onNotice: (notice) => words.note(noticeText(notice)),
    onAttached: (target) => {
      words.attached(target, { askedPid: pid, exposureUs: options.exposureUs, children: options.children });
    },
  };
  output.empty();
  if (!options.binary) return startText(sampler, common, { output, pipe: options.pipe });
  const recording = sampler.startRecording({ ...common, ...output.sink });
  return { ...recording, finished: completed(sampler, recording, () => output.finish()) };
}

/** Samples as lines of text: written here, and not by the sampler, which waits for it. */
function startText(
  sampler: Sampler,
  common: RecordingOptions,
  { output, pipe }: { output: RecordingOutput; pipe: boolean },
): Recording {
  const stream = new TextStream({ pipe });
  const text = openTextOutput(output);
  const recording = sampler.startRecording({
    ...common,
    onChunk: (chunk): unknown => text.write(stream.push(chunk)),
  });
  const finish = async (): Promise<void> => {
    try {
      await text.write(stream.end());
    } finally {
      text.close();
    }
    await output.finish();
  };
  return { ...recording, finished: completed(sampler, recording, finish) };
}

function conclude(end: SessionEnd, sampling: Sampling, output: RecordingOutput, isSpawned: boolean): number {
  const { generation, options, words } = sampling;
  switch (end.kind) {
    case 'not-begun':
      output.discard();
      return exitCodeOfSignal(end.stopSignal);
    case 'not-started':
      output.discard();
      words.error(end.error, options.children);
      if (end.error.code === 'ERR_COMMAND_NOT_FOUND' && sampling.meant !== undefined) {
        words.note(`did you mean \`austin ${sampling.meant}\`?`);
      }
      return exitCodeOfError(end.error, generation, options.children);
    case 'stuck':
      words.note('the reader of the stream takes nothing any more: its end is lost');
      return exitCodeOfSignal(end.stopSignal);
    case 'failed': {
      const code = exitCodeOfError(end.result.error, generation, options.children);
      // A reader that goes away has usually sent the signal too.
      if (end.stopSignal !== undefined) return exitCodeOfSignal(end.stopSignal);
      if (code === READER_GONE) {
        words.note('the reader of the stream has gone');
        return code;
      }
      words.error(end.result.error, options.children);
      return code;
    }
    case 'recorded': {
      const { result, stopSignal } = end;
      if (result.statistics.samples === 0 && stopSignal === undefined && isSpawned) {
        words.note(
          `the program ended too quickly: before ${result.target ? 'its first sample' : 'a Python interpreter was found in it'}`,
        );
      }
      words.statistics(result, options);
      return stopSignal === undefined ? OK : exitCodeOfSignal(stopSignal);
    }
  }
}

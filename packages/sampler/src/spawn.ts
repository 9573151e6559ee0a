import type { ChildProcess } from 'node:child_process';
import { checkStreamOptions, openStream, type RecordingStream, type StreamOptions } from './attach.js';
import { type Program, type ProgramOptions, startProgram } from './program.js';
import type { RecordingResult } from './sampler.js';

/** `cwd`, `env` and `stdio` are those of `node:child_process`; by default the program has our standard streams. */
export interface SpawnRecordingOptions extends StreamOptions, ProgramOptions {}

/** The recording of a program that was started for it. */
export interface SpawnedRecording extends RecordingStream {
  /** The program. It has its `exitCode` or `signalCode` when `finished` has settled. */
  readonly child: ChildProcess;
}

/**
 * Starts a program and samples it from its first moment.
 *
 * The program never outlives its recording. When the recording ends first (its time is over, it is stopped, given up, or
 * fails), the program and everything below it is asked to end with SIGTERM, and killed two seconds later. The same
 * happens when the worker that started it is terminated, or the process exits.
 *
 * A program that ends before a Python was found in it is no failure: its recording has no samples.
 *
 * @throws SamplerError `ERR_COMMAND_NOT_FOUND`, `ERR_COMMAND_START`, and what `attach` throws; nothing runs then
 */
export async function spawn(
  command: string,
  args: readonly string[] = [],
  options: SpawnRecordingOptions = {},
): Promise<SpawnedRecording> {
  // Before anything is started; any pid will do.
  checkStreamOptions(process.pid, options);
  const program = await startProgram(command, args, options);
  try {
    return record(program, options);
  } catch (error) {
    await program.end();
    throw error;
  }
}

function record(program: Program, options: StreamOptions): SpawnedRecording {
  let isStopAsked = false;
  let hasEndedByItself = false;
  const stream = openStream(program.pid, options, {
    onStop() {
      isStopAsked = true;
    },
    async onEnd(result) {
      // Known to the sampler before it is known to Node.
      if (result.error?.code === 'ERR_PROCESS_GONE') await program.ended;
      const isOrdinary = hasEndedByItself && isEndOfProgram(result);
      if (!program.hasEnded()) await program.end();
      return isOrdinary ? asTargetEnded(result) : result;
    },
  });
  void program.ended.then(() => {
    hasEndedByItself = !isStopAsked;
    stream.stop();
  });
  return Object.assign(stream, { child: program.child });
}

/** Whether a recording ended so because its program did. */
function isEndOfProgram({ end, target, error }: RecordingResult): boolean {
  if (end !== 'failed') return end === 'stopped';
  return target === undefined && (error?.code === 'ERR_PROCESS_GONE' || error?.code === 'ERR_NOT_PYTHON');
}

function asTargetEnded({ statistics, target }: RecordingResult): RecordingResult {
  return { end: 'target-ended', statistics, ...(target && { target }) };
}

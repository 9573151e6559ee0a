import { isAustinError } from '@austin-profiler/profile';
import type { Recording } from '@austin-profiler/sampler';
import type { Logger } from '../logging/logger.js';
import { reportError } from '../output/errors.js';
import { bytes } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { say } from '../output/stdio.js';
import type { RecordingOutput } from './recording-output.js';
import { noSnapshot } from './snapshot-file.js';

/** Asks for a snapshot, as other long-running programs are asked for a report. */
const SIGNAL = 'SIGUSR1';

/** While it listens, SIGUSR1 writes the recording so far into a file beside the output. */
export function snapshotOnSignal(options: {
  /** Undefined until it has begun. */
  readonly recording: () => Recording | undefined;
  readonly output: RecordingOutput;
  readonly log: Logger;
}): { close(): Promise<void> } {
  const { output, log } = options;
  // One at a time: a second signal gets a snapshot of its own, after the first.
  let last = Promise.resolve();
  const write = async (): Promise<void> => {
    try {
      const recording = options.recording();
      if (recording === undefined) throw noSnapshot(output.path, 'the recording has not begun');
      const snapshot = await output.snapshot(await recording.flush());
      log.log('info', 'snapshot', { path: snapshot.path, bytes: snapshot.bytes });
      say(`austin: wrote the recording so far to ${printable(snapshot.path)}, ${bytes(snapshot.bytes)}`);
    } catch (error) {
      const code = isAustinError(error) ? error.code : undefined;
      log.log('error', 'snapshot failed', { code, message: String(error) });
      reportError(error);
    }
  };
  const onSignal = (): void => {
    last = last.then(write);
  };
  process.on(SIGNAL, onSignal);
  return {
    async close() {
      await last;
      process.off(SIGNAL, onSignal);
    },
  };
}

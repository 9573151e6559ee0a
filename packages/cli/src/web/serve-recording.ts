import { ExitCode } from '../exit-codes.js';
import { say } from '../output/stdio.js';
import type { SamplingOptions } from '../recording/sampling-options.js';
import type { Subject } from '../recording/session.js';
import { recordForPage } from './record-for-page.js';
import { Recorder } from './recorder.js';
import { keptFiles, type RecordingFiles, temporaryFiles } from './recording-files.js';
import { type Interruption, listenForInterruption, type Serving, serve } from './serve.js';

/**
 * Records a process, or whatever is chosen in the page, and shows it there until a signal comes. Answers with the exit code:
 * that of a command that was started.
 */
export async function serveRecording(
  subject: Subject | undefined,
  options: SamplingOptions,
  serving: Serving & { readonly output: string | undefined },
): Promise<number> {
  const sampler = await import('@austin-profiler/sampler');
  const files = serving.output === undefined ? temporaryFiles() : keptFiles(serving.output);
  // From before there is anything to clean up.
  const interruption = listenForInterruption();
  const recorder = new Recorder(sampler, options, files);
  try {
    const server = await serve(recorder, serving);
    try {
      return await recordAndWait(subject, { recorder, options, files, interruption });
    } finally {
      await server.close();
    }
  } finally {
    await recorder.close();
    interruption.close();
  }
}

async function recordAndWait(
  subject: Subject | undefined,
  how: {
    recorder: Recorder;
    options: SamplingOptions;
    files: RecordingFiles;
    interruption: Interruption;
  },
): Promise<number> {
  const { recorder, interruption } = how;
  let code: number = ExitCode.Ok;
  while (!interruption.hasCome) {
    if (subject) {
      const recorded = await recordForPage(subject, recorder, how);
      if (recorded.isOver) return recorded.code;
      code = recorded.code;
    }
    say('austin: the page stays until Ctrl-C');
    const isCommand = subject !== undefined && 'command' in subject;
    await Promise.race([interruption.signal, ...(isCommand ? [recorder.commandAsked()] : [])]);
  }
  return code;
}

import { basename } from 'node:path';
import { convertInto } from '../converting/convert-into.js';
import { namedOutput } from '../converting/output.js';
import { SourceReader } from '../converting/source-reader.js';
import { targetFormat } from '../converting/target-format.js';
import { completely, sayWritten } from '../converting/writing.js';
import { ExitCode } from '../exit-codes.js';
import { countsText } from '../output/conversion-notes.js';
import type { SamplingOptions } from '../recording/sampling-options.js';
import type { Subject } from '../recording/session.js';
import { recordForPage } from './record-for-page.js';
import { Recorder } from './recorder.js';
import { keptFiles, temporaryFiles } from './recording-files.js';

/** Writes a profile as one HTML file, with the source files that it names. */
export async function compileFile(path: string, page: string): Promise<number> {
  await writePage(path, page, { name: basename(path) });
  return ExitCode.Ok;
}

/** Without a name the page has that of the command. */
async function writePage(path: string, page: string, title: { readonly name?: string }): Promise<void> {
  const target = targetFormat('html', undefined);
  const sources = new SourceReader();
  await completely(
    () => namedOutput(page),
    async (output) => {
      const { notices, sampleCount, threadCount, ...converted } = await convertInto(output, path, target, {
        readSource: sources.read,
        ...title,
      });
      return () =>
        sayWritten({
          ...converted,
          target,
          notices: [...notices, ...sources.report()],
          counts: countsText(sampleCount, threadCount),
          path: output.path,
        });
    },
  );
}

/** Records a process to its end, and writes the page of it. Answers with the exit code: that of a command that was started. */
export async function compileRecording(
  subject: Subject,
  options: SamplingOptions,
  { output, page }: { readonly output: string | undefined; readonly page: string },
): Promise<number> {
  const sampler = await import('@austin-profiler/sampler');
  const files = output === undefined ? temporaryFiles() : keptFiles(output);
  const recorder = new Recorder(sampler, options, files);
  try {
    const { code } = await recordForPage(subject, recorder, { options, files });
    const take = recorder.take;
    // What was recorded until a signal came is written, too.
    if (take?.result && take.result.statistics.samples > 0) await writePage(take.file.path, page, {});
    return code;
  } finally {
    await recorder.close();
  }
}

import { ExitCode } from '../exit-codes.js';
import { say } from '../output/stdio.js';
import type { FileSession } from './file-session.js';
import { listenForInterruption, type Serving, serve } from './serve.js';

/** Shows a file in a page, until a signal comes. Answers with the exit code. */
export async function serveFile(session: FileSession, serving: Serving): Promise<number> {
  const interrupted = listenForInterruption();
  const server = await serve(session, serving);
  try {
    say('austin: Ctrl-C ends it');
    await interrupted.signal;
    return ExitCode.Ok;
  } finally {
    interrupted.close();
    await server.close();
  }
}

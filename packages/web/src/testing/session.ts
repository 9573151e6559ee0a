import { LiveProfile, type SourceText } from '@austin-profiler/convert/live';
import { AustinError, EMPTY_STACK } from '@austin-profiler/profile';
import type { ProcessEntry, SessionStatus } from '../protocol.js';
import type { Download, WebSession } from '../session.js';

/** A session without a sampler: samples are put in by hand, and what is asked of it is noted. */
export class TestSession implements WebSession {
  profile: LiveProfile;
  state: SessionStatus = { title: 'app', phase: 'running', pid: 40, can: ['stop'] };
  readonly asked: unknown[] = [];
  readonly read: string[] = [];

  constructor(profile = new LiveProfile()) {
    this.profile = profile;
  }

  live(): LiveProfile {
    return this.profile;
  }
  status(): SessionStatus {
    return this.state;
  }
  async control(request: unknown): Promise<void> {
    this.asked.push(request);
  }
  async download(format: string): Promise<Download> {
    if (format === 'pprof') {
      throw new AustinError('ERR_NOTHING', 'there is nothing yet', { kind: 'environment', hint: 'wait' });
    }
    return { name: `a "name"/${format}`, chunks: chunksOf('one', 'two') };
  }
  readSource(file: string): SourceText {
    this.read.push(file);
    return { text: `# ${file}` };
  }
  async processes(): Promise<readonly ProcessEntry[]> {
    return [{ pid: 7, command: 'python3 app.py' }];
  }
}

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** Adds a sample of `path`, function names from the outermost on, each in a file of its name. */
export function addSample(live: LiveProfile, path: string, timeUs = 1000, tid = 'a1', flags = 0): void {
  const { tables } = live;
  let stack = EMPTY_STACK;
  for (const name of path.split(' ').filter(Boolean)) {
    const fn = tables.internFunction(tables.internString(name), tables.internString(`/srv/${name}.py`), 3);
    stack = tables.internStack(stack, tables.internFrame(fn, 7));
  }
  live.addSample(stack, tables.internThread(40, 0, tid), timeUs, 0, flags);
}

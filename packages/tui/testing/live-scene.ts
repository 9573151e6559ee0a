import { CELL_LIMITS, LiveProfile } from '@austin-profiler/convert/live';
import { EMPTY_STACK, FrameKind, type StackId, type ThreadId } from '@austin-profiler/profile';

/** A live recording with a short way to write stacks: `file!name:line`, outermost first, between blanks. */
export function liveScene(mode = 'wall') {
  const live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
  const { tables } = live;
  live.addMetadata('mode', mode);
  const stack = (path: string): StackId => {
    const kindOf = (file: string) =>
      file.endsWith('.so') ? FrameKind.Native : file === 'kernel' ? FrameKind.Kernel : FrameKind.Python;
    let at = EMPTY_STACK;
    for (const part of path.split(' ').filter(Boolean)) {
      const [, file = 'app.py', name = '', line = '0'] = /^(?:([\s\S]*)!)?([\s\S]*?)(?::(\d+))?$/.exec(part)!;
      const fn = tables.internFunction(tables.internString(name), tables.internString(file), 0, kindOf(file));
      at = tables.internStack(at, tables.internFrame(fn, Number(line)));
    }
    return at;
  };
  const thread = (tid: string, pid = 1): ThreadId => tables.internThread(pid, 0, tid);
  return {
    live,
    stack,
    thread,
    add: (path: string, times = 1, options: { tid?: string; pid?: number; flags?: number } = {}): void => {
      const of = thread(options.tid ?? 'a', options.pid);
      for (let i = 0; i < times; i++) live.addSample(stack(path), of, 1000, 0, options.flags ?? 0);
    },
  };
}

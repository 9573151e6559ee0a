import { type CallNode, EMPTY_STACK, ProfileBuilder, type StackId, type ThreadId } from '../src/index.js';

/** A builder with a short way to write stacks: `file!name:line`, outermost first, between blanks; file and line may be left out. */
export function scene() {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  const stack = (path: string): StackId => {
    let at = EMPTY_STACK;
    for (const part of path.split(' ').filter(Boolean)) {
      const [, file = 'x.py', name = '', line = '0'] = /^(?:(.*)!)?(.*?)(?::(\d+))?$/.exec(part)!;
      const fn = tables.internFunction(tables.internString(name), tables.internString(file));
      at = tables.internStack(at, tables.internFrame(fn, Number(line)));
    }
    return at;
  };
  const thread = (pid: number, iid: number | null, tid: string): ThreadId =>
    tables.internThread(pid, iid, tid);
  return {
    builder,
    stack,
    thread,
    /** A sample of time. */
    add: (path: string, timeUs: number, of: ThreadId = thread(1, 0, '1')) =>
      builder.addSample(stack(path), of, timeUs, 0, 0),
    nameOf: (node: CallNode) => tables.string(tables.functionName(node.fn!)),
  };
}

import { threadIdText } from '@austin-profiler/convert/live';
import { FrameKind, type FunctionId, type Profile, type ThreadId } from '@austin-profiler/profile';

/** Names are shown in cells, which cut them and make them harmless: see `screen/text.ts`. */
export function functionName({ tables }: Profile, fn: FunctionId): string {
  return tables.string(tables.functionName(fn)) || '<unnamed>';
}

export function functionFile({ tables }: Profile, fn: FunctionId): string {
  return tables.string(tables.functionFile(fn));
}

/** Whether code can be looked up for it. */
export function hasSource(profile: Profile, fn: FunctionId): boolean {
  const file = functionFile(profile, fn);
  return profile.tables.functionKind(fn) === FrameKind.Python && file !== '' && !file.startsWith('<');
}

/** `1234 worker`, or `process 12, 1234 worker` where there are several processes. */
export function threadName(profile: Profile, thread: ThreadId, isAmongProcesses: boolean): string {
  const { pid, iid, tid } = profile.tables.thread(thread);
  const name = profile.tables.threadName(thread);
  return [
    ...(isAmongProcesses ? [`process ${pid},`] : []),
    threadIdText(profile)(tid),
    ...(name === undefined ? [] : [name]),
    ...(iid === null || iid === 0 ? [] : [`(interpreter ${iid})`]),
  ].join(' ');
}

/** The processes of threads with samples, in order of first appearance. */
export function processesOf({ tables }: Profile): number[] {
  const pids = new Set<number>();
  for (let thread = 0; thread < tables.threadCount; thread++) pids.add(tables.thread(thread as ThreadId).pid);
  return [...pids];
}

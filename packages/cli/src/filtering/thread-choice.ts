import { threadIdText } from '@austin-profiler/convert';
import { AustinError, type Profile, type ThreadId } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

/** So many are named in an error; a server may have thousands. */
const MAX_NAMED = 10;

/**
 * The threads that are meant: those of any process given, and of these any with an id or a name given.
 *
 * @param tids as the system prints them, as the recording has them, or names
 * @throws AustinError `ERR_USAGE_PID`, `ERR_USAGE_THREAD` for one that is not in the profile
 */
export function chooseThreads(
  profile: Profile,
  pids: readonly number[],
  tids: readonly string[],
): (thread: ThreadId) => boolean {
  const { tables } = profile;
  const idText = threadIdText(profile);
  const ids = Array.from({ length: tables.threadCount }, (_, id) => id as ThreadId);
  const isOf = (id: ThreadId, tid: string): boolean => {
    const thread = tables.thread(id);
    return thread.tid === tid || idText(thread.tid) === tid || tables.threadName(id) === tid;
  };
  for (const pid of pids) {
    if (ids.some((id) => tables.thread(id).pid === pid)) continue;
    const known = [...new Set(ids.map((id) => tables.thread(id).pid))];
    throw missing('ERR_USAGE_PID', `process ${pid}`, 'processes', known.map(String));
  }
  for (const tid of tids) {
    if (ids.some((id) => isOf(id, tid))) continue;
    const known = ids.map((id) => tables.threadName(id) ?? idText(tables.thread(id).tid));
    throw missing('ERR_USAGE_THREAD', `thread ${tid}`, 'threads', [...new Set(known)]);
  }
  return (id) =>
    (pids.length === 0 || pids.includes(tables.thread(id).pid)) &&
    (tids.length === 0 || tids.some((tid) => isOf(id, tid)));
}

function missing(code: string, what: string, kind: string, known: readonly string[]): AustinError {
  const named = known.slice(0, MAX_NAMED).map(printable).join(', ');
  const more = known.length > MAX_NAMED ? `, and ${known.length - MAX_NAMED} more` : '';
  return new AustinError(code, `the profile has no ${printable(what)}`, {
    kind: 'usage',
    hint: known.length === 0 ? `it has no ${kind} at all` : `its ${kind} are: ${named}${more}`,
  });
}

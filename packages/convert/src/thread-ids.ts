import {
  EMPTY_STACK,
  type FrameId,
  type FunctionId,
  metadataValue,
  type Profile,
  ProfileTables,
  type StackId,
  type StringId,
  type ThreadId,
} from '@austin-profiler/profile';

/**
 * Metadata that says how to read thread ids. The model keeps them as the source wrote them, and sources
 * differ: MOJO writes the OS id in hex (Austin 4.1 and later: the Python name), collapsed text in decimal.
 *
 * - `hex`: ids in lower-case hex. Assumed when the key is missing, unless the threads look named.
 * - `decimal`: as collapsed text prints them; put there by the reader of collapsed text.
 * - `name`: not ids.
 */
export const THREAD_IDS_KEY = 'x-thread-ids';

export type ThreadIds = 'hex' | 'decimal' | 'name';

const HEX = /^[0-9a-f]+$/;
const DECIMAL = /^\d+$/;
const KEY_OF_THREAD = /^(x-[a-z-]+):(\d+):(-?\d*):(.+)$/s;

/** How the threads of a profile are named. */
export function threadIds(profile: Profile): ThreadIds {
  const said = metadataValue(profile, THREAD_IDS_KEY);
  if (said === 'hex' || said === 'decimal' || said === 'name') return said;
  // A thread may be called "face": ids only if every thread could be one and the sampler writes ids.
  for (let id = 0; id < profile.tables.threadCount; id++) {
    if (!HEX.test(profile.tables.thread(id as ThreadId).tid)) return 'name';
  }
  // Facts about single threads are kept by samplers that write ids, whatever Austin they say they are.
  const hasFactsOfThreads = profile.metadata.some((entry) => isFactOfThread(entry.key));
  return !hasFactsOfThreads && writesNames(metadataValue(profile, 'austin')) ? 'name' : 'hex';
}

/** Austin writes the thread's name in place of its id since 4.1. */
function writesNames(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 4 || (major === 4 && minor >= 1);
}

/** Returns what to print for a thread id of this profile: decimal for hex ids, all else unchanged. */
export function threadIdText(profile: Profile): (tid: string) => string {
  if (threadIds(profile) !== 'hex') return (tid) => tid;
  return decimalOfHex;
}

/** A thread id in lower-case hex as collapsed text prints it; other texts unchanged. */
export function decimalOfHex(tid: string): string {
  return HEX.test(tid) ? BigInt(`0x${tid}`).toString() : tid;
}

/** Tells whether a metadata key is of the form `x-…:<pid>:<iid>:<tid>`: a fact about a single thread. */
export function isFactOfThread(key: string): boolean {
  return KEY_OF_THREAD.test(key);
}

/** Replaces the thread id inside a key of the form `x-…:<pid>:<iid>:<tid>`; other keys stay. */
export function mapThreadKey(key: string, text: (tid: string) => string): string {
  const match = KEY_OF_THREAD.exec(key);
  return match ? `${match[1]}:${match[2]}:${match[3]}:${text(match[4]!)}` : key;
}

/** Threads by pid, interpreter and id, each in numeric order; named threads follow those with ids. */
export function threadsInOrder(profile: Profile): ThreadId[] {
  const text = threadIdText(profile);
  const rows = Array.from({ length: profile.tables.threadCount }, (_, id) => {
    const { pid, iid, tid } = profile.tables.thread(id as ThreadId);
    const printed = text(tid);
    return { id: id as ThreadId, pid, iid: iid ?? -Infinity, printed, isId: DECIMAL.test(printed) };
  });
  rows.sort(
    (a, b) =>
      a.pid - b.pid ||
      compare(a.iid, b.iid) ||
      Number(b.isId) - Number(a.isId) ||
      (a.isId ? compare(BigInt(a.printed), BigInt(b.printed)) : 0) ||
      compare(a.printed, b.printed) ||
      a.id - b.id,
  );
  return rows.map((row) => row.id);
}

function compare<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The same profile with thread ids as MOJO wants them. Decimal ids become hex and the note about them goes;
 * if some thread has no decimal id, nothing is changed and the note stays.
 */
export function withHexThreadIds(profile: Profile): Profile {
  if (!hasDecimalThreadIds(profile)) return profile;
  const { tables, samples } = profile;
  const copy = new ProfileTables();
  copyAllButThreads(tables, copy);
  const threads: ThreadId[] = [];
  for (let id = 0; id < tables.threadCount; id++) {
    const { pid, iid, tid } = tables.thread(id as ThreadId);
    const thread = copy.internThread(pid, iid, hexThreadId(tid));
    const name = tables.threadName(id as ThreadId);
    if (name !== undefined) copy.setThreadName(thread, name);
    threads.push(thread);
  }
  const metadata = profile.metadata
    .filter((entry) => entry.key !== THREAD_IDS_KEY)
    .map((entry) => ({ ...entry, key: mapThreadKey(entry.key, hexThreadId) }));
  const thread = samples.thread.map((id) => threads[id]!);
  return { ...profile, tables: copy, samples: { ...samples, thread }, metadata };
}

/** Whether all threads of a profile have ids in decimal. */
export function hasDecimalThreadIds(profile: Profile): boolean {
  if (threadIds(profile) !== 'decimal') return false;
  const { tables } = profile;
  for (let id = 0; id < tables.threadCount; id++) {
    if (!DECIMAL.test(tables.thread(id as ThreadId).tid)) return false;
  }
  return true;
}

/** A decimal thread id as MOJO writes it, in lower-case hex; other texts unchanged. */
export function hexThreadId(tid: string): string {
  return DECIMAL.test(tid) ? BigInt(tid).toString(16) : tid;
}

/** Interns every row in order of its id, which gives each the id it had. */
function copyAllButThreads(from: ProfileTables, to: ProfileTables): void {
  for (let id = 0; id < from.stringCount; id++) to.internString(from.string(id as StringId));
  for (let id = 0; id < from.functionCount; id++) {
    const fn = id as FunctionId;
    to.internFunction(
      from.functionName(fn),
      from.functionFile(fn),
      from.functionFirstLine(fn),
      from.functionKind(fn),
    );
  }
  for (let id = 0; id < from.frameCount; id++) {
    const frame = id as FrameId;
    to.internFrameFrom(from, frame, from.frameFunction(frame));
  }
  for (let id = EMPTY_STACK + 1; id < from.stackCount; id++) {
    to.internStack(from.stackParent(id as StackId), from.stackFrame(id as StackId));
  }
}

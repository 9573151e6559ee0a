import { textOf, wholeOf } from '../../json.js';
import type { TraceThread } from './events.js';

/** What the events of one thread of a trace are about. */
export interface Track {
  readonly pid: number;
  readonly iid: number | null;
  readonly tid: string;
  /** Empty if unknown. */
  readonly name: string;
  /** Slices of other programs last as long as they took: wall time. */
  readonly weight: 'cpu' | 'wall' | 'allocated' | 'deallocated' | 'samples';
}

const WEIGHTS: ReadonlySet<unknown> = new Set(['cpu', 'wall', 'allocated', 'deallocated', 'samples']);
/** What our writer puts behind the name of a thread that has several tracks. */
const WEIGHT_OF_TRACK = /: (cpu time|wall time|memory allocation|memory deallocation|samples)$/;

/** Reads what `thread_name` says: other programs a name, ours also the weight, and ids that a track cannot have. */
export function trackOf({ pid, tid, names }: TraceThread): Track {
  const name = textOf(names['name']);
  const weight = names['weight'];
  const ours = textOf(names['thread']);
  if (ours === '' || !WEIGHTS.has(weight)) return { ...idsOf(pid, tid), iid: null, name, weight: 'wall' };
  const iid = wholeOf(names['interpreter']) ?? null;
  const title = name.replace(WEIGHT_OF_TRACK, '').replace(` (interpreter ${iid})`, '');
  return {
    pid: wholeOf(names['pid']) ?? idsOf(pid, tid).pid,
    iid,
    tid: ours,
    name: title === `Thread ${ours}` ? '' : title,
    weight: weight as Track['weight'],
  };
}

/** Some programs give processes names in place of numbers: they become part of the thread's. */
export function idsOf(pid: unknown, tid: unknown): { pid: number; tid: string } {
  const thread = typeof tid === 'number' || typeof tid === 'string' ? String(tid) : '0';
  if (/^\d{1,10}$/.test(String(pid))) return { pid: Number(pid), tid: thread };
  return { pid: 0, tid: typeof pid === 'string' ? `${pid}/${thread}` : thread };
}

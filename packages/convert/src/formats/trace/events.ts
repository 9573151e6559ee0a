import { type JsonObject, listOf, numberOf, objectOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';

/** An event of a thread's stack, checked. */
export interface TraceEvent {
  readonly ph: 'B' | 'E' | 'X';
  /** µs */
  readonly ts: number;
  /** µs; 0 but for X. */
  readonly dur: number;
  readonly name: string;
  readonly event: JsonObject;
}

/** A thread of the trace, by the ids its events have. */
export interface TraceThread {
  /** As the file writes them: numbers, or texts. */
  readonly pid: unknown;
  readonly tid: unknown;
  readonly events: TraceEvent[];
  /** The arguments of its `thread_name`. */
  names: JsonObject;
}

/** The events of a trace, sorted out. */
export interface Trace {
  /** In order of their first event. */
  readonly threads: Map<string, TraceThread>;
  /** Events of CPU profiles: `Profile`, `ProfileChunk`, `CpuProfile`. */
  readonly profiles: JsonObject[];
}

/** Sorts the events of a file by thread. Kinds that are not about stacks are counted. */
export function sortEvents(events: readonly unknown[], losses: Losses): Trace {
  const trace: Trace = { threads: new Map(), profiles: [] };
  const threadOf = (event: JsonObject): TraceThread => {
    const key = threadKey(event['pid'], event['tid']);
    let thread = trace.threads.get(key);
    if (!thread) {
      thread = { pid: event['pid'], tid: event['tid'], events: [], names: {} };
      trace.threads.set(key, thread);
    }
    return thread;
  };
  for (const item of events) {
    const event = objectOf(item);
    const ph = event['ph'];
    if (ph === 'B' || ph === 'E' || ph === 'X') {
      const ts = numberOf(event['ts']);
      const dur = ph === 'X' ? numberOf(event['dur']) : 0;
      // A complete event without a duration is one that was not over when the trace was.
      if (ts === undefined || dur === undefined || dur < 0) {
        losses.damage('ERR_TRACE_EVENT', 'events without a time or a duration are left out');
      } else {
        threadOf(event).events.push({ ph, ts, dur, name: textOf(event['name']), event });
      }
    } else if (ph === 'M') {
      if (event['name'] === 'thread_name') threadOf(event).names = objectOf(event['args']);
    } else if (isProfile(event)) {
      trace.profiles.push(event);
    } else if (typeof ph === 'string') {
      losses.unheld('ERR_EVENT_NOT_HELD', `a profile has no place for events of phase "${ph.slice(0, 8)}"`);
    } else {
      losses.damage('ERR_TRACE_EVENT', 'events without a phase are left out');
    }
  }
  return trace;
}

function isProfile(event: JsonObject): boolean {
  const { ph, name } = event as { ph: unknown; name: unknown };
  return (
    (ph === 'P' && (name === 'Profile' || name === 'ProfileChunk')) ||
    (name === 'CpuProfile' &&
      listOf(objectOf(objectOf(objectOf(event['args'])['data'])['cpuProfile'])['nodes']).length > 0)
  );
}

/** Tells threads apart: by both ids, numbers or texts. */
export function threadKey(pid: unknown, tid: unknown): string {
  return JSON.stringify([pid, tid]);
}

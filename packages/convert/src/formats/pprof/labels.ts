import { SampleFlag } from '@austin-profiler/profile';

/** A label with its texts: a number, or else a text. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

/** What the labels of a sample say of its thread and state. */
export interface LabelFacts {
  readonly pid: number;
  readonly iid: number | null;
  readonly tid: string;
  readonly threadName: string;
  readonly flags: number;
  /** Keys of labels that a profile has no place for. */
  readonly dropped: readonly string[];
}

/** Spellings of ours, austin-python's, and of other profilers; matched without case, blanks and `_`. */
const PID = new Set(['pid', 'processid']);
const TID = new Set(['tid', 'threadid']);
const IID = new Set(['iid', 'interpreterid']);
const NAME = new Set(['thread', 'threadname']);
const FLAGS: ReadonlyMap<string, number> = new Map([
  ['gc', SampleFlag.Gc],
  ['idle', SampleFlag.Idle],
  ['invalid', SampleFlag.Invalid],
]);

export function factsOf(labels: readonly Label[]): LabelFacts {
  const facts = { pid: 0, iid: null as number | null, tid: '0', threadName: '', flags: 0 };
  const dropped: string[] = [];
  for (const { key, value } of labels) {
    const word = key.toLowerCase().replace(/[ _-]/g, '');
    const flag = value === 'true' ? FLAGS.get(word) : undefined;
    if (flag !== undefined) facts.flags |= flag;
    else if (PID.has(word) && /^\d{1,10}$/.test(value)) facts.pid = Number(value);
    else if (IID.has(word) && /^-?\d{1,10}$/.test(value)) facts.iid = Number(value);
    else if (TID.has(word)) facts.tid = value;
    else if (NAME.has(word)) facts.threadName = value;
    else dropped.push(key);
  }
  return { ...facts, dropped };
}

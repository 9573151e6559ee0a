import { threadIdText } from '@austin-profiler/convert';
import type { FunctionId, Profile, ThreadId } from '@austin-profiler/profile';
import { printable } from '../output/printable.js';

/** A function as programs read it. */
export interface FunctionName {
  readonly name: string;
  readonly file: string;
}

export function functionName({ tables }: Profile, fn: FunctionId): FunctionName {
  return { name: tables.string(tables.functionName(fn)), file: tables.string(tables.functionFile(fn)) };
}

/** Longer names are cut in the middle: a line of 64 kB is no line of a table. JSON has them whole. */
const MAX_SHOWN = 200;

/** A name in a table. */
function shown(text: string): string {
  if (text.length <= MAX_SHOWN) return printable(text);
  return printable(`${text.slice(0, MAX_SHOWN / 2)}…${text.slice(-MAX_SHOWN / 2)}`);
}

/** `work  /srv/app.py`, or with a line `work  /srv/app.py:12`. */
export function functionText({ name, file }: FunctionName, line = 0): string {
  const place = file === '' ? '' : `  ${shown(file)}`;
  return `${shown(name) || '<unnamed>'}${place}${line > 0 ? `:${line}` : ''}`;
}

/** A thread as programs read it; ids as the system prints them. */
export interface ThreadName {
  readonly pid: number;
  readonly iid: number | null;
  readonly tid: string;
  readonly name?: string;
}

export function threadName(profile: Profile, id: ThreadId): ThreadName {
  const { pid, iid, tid } = profile.tables.thread(id);
  const name = profile.tables.threadName(id);
  return { pid, iid, tid: threadIdText(profile)(tid), ...(name !== undefined && { name }) };
}

/** `process 12, thread 14 worker, interpreter 1`. */
export function threadText({ pid, iid, tid, name }: ThreadName): string {
  const named = name === undefined ? '' : ` ${shown(name)}`;
  const interpreter = iid === null || iid === 0 ? '' : `, interpreter ${iid}`;
  return `process ${pid}, thread ${shown(tid)}${named}${interpreter}`;
}

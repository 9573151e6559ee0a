import { basename } from 'node:path';
import type { Snapshot, SnapshotFrame, SnapshotThread } from '@austin-profiler/sampler';
import type { Colors } from './colors.js';
import { count } from './numbers.js';
import { printable } from './printable.js';
import { shellWords } from './shell-words.js';

const QUALITY_WORDS = {
  exact: undefined,
  retried: undefined,
  between: 'the innermost calls kept changing: without what was called and returned meanwhile',
  cut: 'cut: only the outer calls, the inner ones kept changing',
  invalid: 'invalid: the stack could not be read',
} as const;

/** A snapshot for people: one block per thread, the most recent call last as in a traceback. */
export function snapshotText(
  snapshot: Snapshot,
  options: { askedPid: number; command: readonly string[] | undefined; colors: Colors },
): string {
  const { target, threads } = snapshot;
  const { colors, askedPid } = options;
  const command = options.command ? `: ${shellWords(options.command)}` : '';
  const below = target.pid === askedPid ? '' : `, below process ${askedPid}`;
  const threadCount = threads.length === 1 ? '1 thread' : `${count(threads.length)} threads`;
  const head = [
    `${colors.bold(`Process ${target.pid}`)}${below}${command}`,
    `Python ${printable(target.pythonVersion)}${target.freeThreaded ? ', free-threaded' : ''}, ${printable(target.executable)}`,
    `${threadCount}, most recent call last`,
  ].join('\n');
  // The interpreter lists the newest thread first; here the main thread is.
  const inOrder = threads.toSorted((a, b) => a.iid - b.iid || a.tid - b.tid);
  return [head, ...inOrder.map((thread) => threadText(thread, colors))].join('\n\n');
}

function threadText(thread: SnapshotThread, colors: Colors): string {
  const name = thread.name === undefined ? '' : ` ${colors.bold(printable(thread.name))}`;
  const notes = [
    ...(thread.iid === 0 ? [] : [`interpreter ${thread.iid}`]),
    ...(thread.holdsGil === true ? [colors.green('holds the GIL')] : []),
    ...(QUALITY_WORDS[thread.quality] === undefined ? [] : [colors.yellow(QUALITY_WORDS[thread.quality]!)]),
  ].map((note) => `, ${note}`);
  const frames = thread.frames.map((frame) => frameText(frame, colors));
  const body = frames.length > 0 ? frames : [`  ${colors.dim('no Python frames')}`];
  return [`Thread ${thread.tid}${name}${notes.join('')}`, ...body].join('\n');
}

function frameText(frame: SnapshotFrame, colors: Colors): string {
  const file = printable(frame.file);
  const base = basename(file);
  const folder = file.slice(0, file.length - base.length);
  const line = frame.line > 0 ? `:${frame.line}` : '';
  const column = line && frame.column > 0 ? `:${frame.column}` : '';
  return `  ${colors.dim(folder)}${base}${line}${column}  ${colors.cyan(printable(frame.name))}`;
}

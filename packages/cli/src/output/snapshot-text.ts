import type { Snapshot, SnapshotThread } from '@austin-profiler/sampler';
import type { Colors } from './colors.js';
import { frameText } from './frame-text.js';
import { count } from './numbers.js';
import { printable } from './printable.js';
import { shellWords } from './shell-words.js';
import { tasksText } from './tasks-text.js';

const QUALITY_WORDS = {
  exact: undefined,
  retried: undefined,
  between: 'the innermost calls kept changing: without what was called and returned meanwhile',
  cut: 'cut: only the outer calls, the inner ones kept changing',
  invalid: 'invalid: the stack could not be read',
} as const;

const NATIVE_WORDS = {
  whole: undefined,
  incomplete: 'native stack incomplete: its outer part is missing',
  disagreed: 'without native functions: they did not fit the Python stack',
  missed: 'without native functions: the thread could not be stopped',
} as const;

const KERNEL_REFUSED =
  'without functions of the kernel, which are for root: grant CAP_SYS_ADMIN (in a container `--cap-add SYS_ADMIN`)';

const STATE_WORDS = {
  running: 'running',
  sleeping: 'sleeping',
  uninterruptible: 'in a sleep that nothing interrupts',
  stopped: 'stopped',
  traced: 'stopped by a debugger',
  ended: 'ended',
  unknown: 'state unknown',
} as const;

/** A snapshot for people: one block per thread, the most recent call last as in a traceback; then the tasks of asyncio. */
export function snapshotText(
  snapshot: Snapshot,
  options: { askedPid: number; command: readonly string[] | undefined; colors: Colors },
): string {
  const { target, threads, parent } = snapshot;
  const { colors, askedPid } = options;
  const command = options.command ? `: ${shellWords(options.command)}` : '';
  const below = target.pid === askedPid ? '' : `, below process ${parent ?? askedPid}`;
  const threadCount = threads.length === 1 ? '1 thread' : `${count(threads.length)} threads`;
  const head = [
    `${colors.bold(`Process ${target.pid}`)}${below}${command}`,
    `Python ${printable(target.pythonVersion)}${target.freeThreaded ? ', free-threaded' : ''}, ${printable(target.executable)}`,
    `${threadCount}, most recent call last`,
    ...(snapshot.outOfTime
      ? [colors.yellow(`it kept changing: the best of ${count(snapshot.attempts)} readings, time was up`)]
      : []),
    ...(threads.some(({ kernelRefused }) => kernelRefused) ? [colors.yellow(KERNEL_REFUSED)] : []),
  ].join('\n');
  // The interpreter lists the newest thread first; here the main thread is.
  const inOrder = threads.toSorted((a, b) => a.iid - b.iid || a.tid - b.tid);
  return [head, ...inOrder.map((thread) => threadText(thread, colors)), ...tasksText(snapshot, colors)].join(
    '\n\n',
  );
}

function threadText(thread: SnapshotThread, colors: Colors): string {
  const name = thread.name === undefined ? '' : ` ${colors.bold(printable(thread.name))}`;
  const quality = QUALITY_WORDS[thread.quality];
  const native = thread.native && NATIVE_WORDS[thread.native];
  const notes = [
    ...(thread.iid === 0 ? [] : [`interpreter ${thread.iid}`]),
    ...(thread.holdsGil === true ? [colors.green('holds the GIL')] : []),
    ...(thread.attached === true ? [colors.green('attached to the interpreter')] : []),
    stateText(thread, colors),
    ...(quality === undefined ? [] : [colors.yellow(quality)]),
    ...(native === undefined ? [] : [colors.yellow(native)]),
  ].map((note) => `, ${note}`);
  const frames = thread.frames.map((frame) => frameText(frame, colors, '  '));
  const body = frames.length > 0 ? frames : [`  ${colors.dim('no Python frames')}`];
  return [`Thread ${thread.tid}${name}${notes.join('')}`, ...body].join('\n');
}

function stateText(thread: SnapshotThread, colors: Colors): string {
  if (thread.waitsForGil === true) return colors.yellow('waiting for the GIL');
  const state = STATE_WORDS[thread.state];
  if (thread.state !== 'sleeping' && thread.state !== 'uninterruptible') return state;
  const call = thread.systemCall === undefined ? '' : ` (${thread.systemCall})`;
  if (thread.waitsFor === undefined) return `${state}${call}`;
  const isVerb = /^(reading|writing|connecting|sleeping)\b/.test(thread.waitsFor);
  return `${isVerb ? '' : 'waiting for '}${printable(thread.waitsFor)}${call}`;
}

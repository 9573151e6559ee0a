import { FrameKind } from '@austin-profiler/profile';
import type { Entry, ForeignFrame, ForeignStack, ForeignStacks } from '../../foreign-stacks.js';
import { numberOf, objectOf, positionOf, textOf } from '../../json.js';
import type { Losses } from '../../losses.js';
import { OpenStack } from '../../open-stack.js';
import { parsePlace } from '../../place.js';
import type { TraceEvent } from './events.js';

/** A stretch of time in which a function, or whatever the program traces, was on the stack. */
export interface Slice {
  /** µs */
  readonly start: number;
  readonly end: number;
  /** In which slices began: of two with the same start and end, the first is outside. */
  readonly order: number;
  readonly entry: Entry;
}

/**
 * Makes slices of the events of one thread: `B` and `E` in pairs, `X` as it is. An `E` ends the innermost slice of its
 * name, or the innermost of all if it has none; what is still open ends with the thread's last event.
 */
export function slicesOf(events: readonly TraceEvent[], stacks: ForeignStacks, losses: Losses): Slice[] {
  const bad = (what: string): void => losses.damage('ERR_TRACE_EVENT', what);
  const inOrder = [...events].sort((a, b) => a.ts - b.ts);
  const slices: Slice[] = [];
  const open = new OpenStack<string, Omit<Slice, 'end'>>();
  const close = (keep: number, end: number): void => {
    for (const slice of open.end(keep)) slices.push({ ...slice, end });
  };
  let last = inOrder[0]?.ts ?? 0;
  for (const [order, { ph, ts, dur, name, event }] of inOrder.entries()) {
    last = Math.max(last, ts + dur);
    if (ph === 'X') slices.push({ start: ts, end: ts + dur, order, entry: stacks.entry(frameOf(event)) });
    else if (ph === 'B') open.push(name, { start: ts, order, entry: stacks.entry(frameOf(event)) });
    else {
      const at = name === '' ? open.size - 1 : open.depthOf(name);
      if (at < 0) bad('ends of slices that did not begin are left out');
      else if (at < open.size - 1) bad('slices that end before those within them end these too');
      if (at >= 0) close(at, ts);
    }
  }
  if (open.size > 0) bad('slices that do not end are taken to end with the last event of their thread');
  close(0, last);
  return slices.filter(({ start, end }) => end > start);
}

function frameOf(event: Readonly<Record<string, unknown>>): ForeignFrame {
  const args = objectOf(event['args']);
  const name = textOf(event['name']);
  // As VizTracer writes names.
  const place = parsePlace(name);
  if (place && args['file'] === undefined && args['filename'] === undefined) {
    return { name: place.name, file: place.file, firstLine: positionOf(place.line) };
  }
  const line = positionOf(numberOf(args['line']));
  // py-spy gives the file a longer word, and the line that ran; ours is the function's first.
  if (typeof args['filename'] === 'string') return { name, file: args['filename'], line };
  const file = textOf(args['file']);
  const kind = KINDS.get(textOf(event['cat']));
  return { name, file, firstLine: file === '' ? 0 : line, ...(kind !== undefined && { kind }) };
}

/** Categories of machine code, as we write them. */
const KINDS: ReadonlyMap<string, FrameKind> = new Map([
  ['native', FrameKind.Native],
  ['kernel', FrameKind.Kernel],
]);

/** What was on the stack from one moment to another. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly stack: ForeignStack;
}

/** Puts slices on top of each other. A slice that outlasts the one it began in is cut where that one ends. */
export function* stretchesOf(
  slices: readonly Slice[],
  stacks: ForeignStacks,
  losses: Losses,
): Iterable<Stretch> {
  const inOrder = [...slices].sort((a, b) => a.start - b.start || b.end - a.end || a.order - b.order);
  const open: { end: number; stack: ForeignStack }[] = [];
  let now = 0;
  for (const slice of [...inOrder, undefined]) {
    const until = slice?.start ?? Number.POSITIVE_INFINITY;
    for (let top = open.at(-1); top && (now < until || top.end <= until); top = open.at(-1)) {
      const end = Math.min(top.end, until);
      if (end > now) yield { start: now, end, stack: top.stack };
      now = Math.max(now, end);
      if (top.end > until) break;
      open.pop();
    }
    if (!slice) return;
    now = slice.start;
    const outer = open.at(-1);
    if (outer && slice.end > outer.end) {
      losses.damage('ERR_TRACE_EVENT', 'slices that outlast the slice they began in are cut where it ends');
    }
    const end = Math.min(slice.end, outer?.end ?? slice.end);
    open.push({ end, stack: stacks.child(outer?.stack ?? stacks.root, slice.entry) });
  }
}

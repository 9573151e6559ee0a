import {
  type FrameId,
  type FunctionId,
  SampleFlag,
  type ThreadId,
  type ThreadSummary,
} from '@austin-profiler/profile';
import type { ThreadNow } from '../model/moment.js';
import { processesOf, threadName } from '../model/names.js';
import type { Shown } from '../model/shown.js';
import type { ViewState } from '../model/state.js';
import { Style } from '../screen/styles.js';
import { drawFunction } from './function-cell.js';
import { createMatcher } from './matcher.js';
import { finishRow, type View } from './view.js';
import { drawWeightHeadings, drawWeights, leastWeight } from './weight-columns.js';

/** The frame that a thread is in. */
const ACTIVE = '▶ ';

type Row =
  | { readonly key: string; readonly now: ThreadNow }
  | { readonly key: string; readonly now: ThreadNow; readonly frame: FrameId; readonly isActive: boolean };

/**
 * The stack that each thread was last seen with, outermost call on top and the innermost marked, with what each function
 * took in that thread.
 */
export function stacksView(
  shown: Shown,
  { search, threshold }: Pick<ViewState, 'search' | 'threshold'>,
): View {
  const { profile, threads, weight } = shown;
  const { tables } = profile;
  const matches = createMatcher(profile, search);
  const isAmongProcesses = processesOf(profile).length > 1;
  const rows = threads.flatMap((now): Row[] => {
    const frames = tables.stackFrames(now.stack);
    const head = `t${now.thread}`;
    const rowsOfFrames = frames.map((frame, depth) => ({
      key: `${head}/${depth}`,
      now,
      frame,
      isActive: depth === frames.length - 1,
    }));
    const least = leastWeight(threshold, partOf(shown, now.thread)?.total ?? 0);
    const isListed = (frame: FrameId): boolean =>
      shown.hotness(now.thread, tables.frameFunction(frame)).total >= least;
    return [
      { key: head, now },
      ...(least > 0 ? rowsOfFrames.filter(({ frame }) => isListed(frame)) : rowsOfFrames),
    ];
  });
  const numbers = new Map(rows.map(({ key }, row) => [key, row]));
  const fnOf = (row: Row | undefined): FunctionId | undefined =>
    row && 'frame' in row ? tables.frameFunction(row.frame) : undefined;
  return {
    count: rows.length,
    firstRow: 0,
    emptyText: 'no sample yet',
    rowOf: (key) => numbers.get(key) ?? -1,
    keyAt: (row) => rows[row]?.key,
    fnAt: (key) => fnOf(rows[numbers.get(key) ?? -1]),
    aside: (key, step) => {
      if (step !== 'left' && step !== 'right') return undefined;
      const at = threads.findIndex(({ thread }) => key.split('/')[0] === `t${thread}`);
      const next = threads[at + (step === 'left' ? -1 : 1)];
      return next && `t${next.thread}`;
    },
    drawHeading(canvas) {
      const from = drawWeightHeadings(canvas);
      canvas.grid.put(from, canvas.y, 'the stack of each thread now', Style.Heading);
    },
    drawRow(index, canvas, chosen) {
      const row = rows[index]!;
      const { grid, y } = canvas;
      if ('frame' in row) {
        const fn = tables.frameFunction(row.frame);
        const part = partOf(shown, row.now.thread);
        const whole = {
          total: part?.total ?? 0,
          effectiveSamples: part?.effectiveSamples ?? 0,
          unit: weight.unit,
        };
        const from = drawWeights(canvas, shown.hotness(row.now.thread, fn), whole);
        const isNow = row.isActive && row.now.isCurrent;
        grid.put(from, y, row.isActive ? ACTIVE : '  ', isNow ? Style.Active : Style.Dim);
        const style = matches(fn)
          ? Style.Match
          : isNow
            ? Style.Active
            : row.now.isCurrent
              ? Style.Plain
              : Style.Dim;
        drawFunction(canvas, from + 2, profile, fn, { line: tables.frameLine(row.frame), style });
      } else {
        const at = grid.put(
          0,
          y,
          `thread ${threadName(profile, row.now.thread, isAmongProcesses)}`,
          Style.Strong,
        );
        const { text, style } = stateOf(row.now);
        grid.put(at + 2, y, text, style);
      }
      finishRow(canvas, row.key, chosen);
    },
  };
}

function partOf({ summary }: Shown, wanted: ThreadId): ThreadSummary | undefined {
  return summary.threads.find(({ thread }) => thread === wanted);
}

function stateOf({ flags, isCurrent }: ThreadNow): { text: string; style: Style } {
  if (!isCurrent) return { text: 'not sampled lately', style: Style.Dim };
  const texts = [
    ...(flags & SampleFlag.HoldsGil ? ['holds the GIL'] : []),
    ...(flags & SampleFlag.Idle ? ['idle'] : []),
    ...(flags & SampleFlag.Gc ? ['collecting garbage'] : []),
    ...(flags & SampleFlag.Invalid ? ['not read whole'] : []),
  ];
  return { text: texts.join(', '), style: flags & SampleFlag.Invalid ? Style.Warning : Style.Dim };
}

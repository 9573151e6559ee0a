import { SampleFlag } from '@austin-profiler/profile';
import type { PlayingFacts, TopFacts } from '../facts.js';
import type { ThreadNow } from '../model/moment.js';
import { processesOf, threadName } from '../model/names.js';
import { clockText, countText, rateText, shareText, weightText } from '../model/quantities.js';
import type { Shown } from '../model/shown.js';
import { VIEWS, type ViewId, type ViewState } from '../model/state.js';
import type { Grid } from '../screen/grid.js';
import { Style } from '../screen/styles.js';
import { fit } from '../screen/text.js';
import type { Canvas } from './view.js';

/** Rows above the headings of a view. */
export const HEADER_ROWS = 4;

const TITLES: Record<ViewId, string> = {
  functions: 'Functions',
  stacks: 'Stacks',
  tree: 'Tree',
  flame: 'Flame',
  lines: 'Lines',
};

const WEIGHT_TITLES = {
  wall: 'wall time',
  cpu: 'CPU time',
  gil: 'GIL time',
  allocated: 'memory gained',
  deallocated: 'memory given back',
  samples: 'samples',
} as const;

/** A share of invalid stacks that one should know of. */
const DOUBTFUL = 0.01;

/** The process, the recording, and what of it is shown. */
export function drawHeader(canvas: Canvas, facts: TopFacts, shown: Shown, state: ViewState): void {
  const { grid } = canvas;
  drawTitle(grid, facts, state);
  drawPieces(grid, 1, processPieces(facts, shown));
  drawPieces(grid, 2, samplingPieces(facts, shown));
  drawTabs(canvas, shown, state);
}

interface Piece {
  readonly text: string;
  readonly style?: Style;
}

function drawTitle(grid: Grid, facts: TopFacts, { isPaused }: ViewState): void {
  const { title, phase, note, playing } = facts;
  const words = phase === 'live' && isPaused ? 'paused' : (note ?? phase);
  const mark = phase === 'ended' ? '■' : isPaused ? '❚❚' : phase === 'live' ? '●' : '…';
  const text = playing ? playingText(playing) : `${mark} ${words}`;
  const style = phase === 'ended' ? Style.Dim : isPaused ? Style.Warning : Style.Good;
  const from = grid.putRight(grid.width, 0, fit(text, Math.floor(grid.width / 2)), style);
  const at = grid.put(0, 0, 'austin top', Style.Title) + 2;
  grid.put(at, 0, fit(title, from - at - 2), Style.Plain);
}

/** `▶ 0:12 of 1:00  ×2`: the clocks are those of the recording. */
function playingText({ isPlaying, positionUs, durationUs, speed }: PlayingFacts): string {
  const clocks = `${clockText(positionUs / 1e6)} of ${clockText(durationUs / 1e6)}`;
  return `${isPlaying ? '▶' : '❚❚'} ${clocks}  ×${speed}`;
}

function processPieces(facts: TopFacts, { profile, threads }: Shown): Piece[] {
  const { pid, python, seconds, cpuShare, memoryBytes } = facts;
  const processes = processesOf(profile).length;
  return [
    ...(pid === undefined ? [] : [{ text: `pid ${pid}` }]),
    ...(python === undefined ? [] : [{ text: `Python ${python}` }]),
    ...(seconds === undefined ? [] : [{ text: `up ${clockText(seconds)}` }]),
    ...(cpuShare === undefined ? [] : [{ text: `CPU ${Math.round(100 * cpuShare)} %` }]),
    ...(memoryBytes === undefined ? [] : [{ text: `mem ${weightText(memoryBytes, 'bytes')}` }]),
    ...(processes > 1 ? [{ text: `${processes} processes` }] : []),
    { text: threads.length === 1 ? '1 thread' : `${countText(threads.length)} threads` },
  ];
}

function samplingPieces(facts: TopFacts, shown: Shown): Piece[] {
  const { counts } = shown.moment;
  const { askedHertz, gotHertz, marksGc } = facts;
  const share = (part: number): string => shareText(counts.samples === 0 ? 0 : part / counts.samples);
  const isDoubtful = counts.invalid > DOUBTFUL * counts.samples;
  const holder = holderOf(shown, facts.isGilOnly === true);
  // Of profiles that count samples, a row stands for as many as it weighs.
  const samples = shown.weight.metric === 'samples' ? shown.summary.samples : counts.samples;
  return [
    { text: `${countText(samples)} samples` },
    ...(askedHertz === undefined
      ? []
      : [{ text: askedHertz === 0 ? 'as fast as possible' : `${rateText(askedHertz)} asked` }]),
    ...(gotHertz === undefined ? [] : [{ text: `${rateText(gotHertz)} got` }]),
    { text: `invalid ${share(counts.invalid)}`, ...(isDoubtful && { style: Style.Warning }) },
    ...(marksGc || counts.gc > 0 ? [{ text: `GC ${share(counts.gc)}` }] : []),
    ...(holder ? [{ text: `GIL ${threadName(shown.profile, holder.thread, false)}` }] : []),
  ];
}

/**
 * The thread that held the interpreter lock when threads were sampled last, if those shown are of one process: each has a
 * lock of its own.
 */
function holderOf({ threads, profile: { tables } }: Shown, isGilOnly: boolean): ThreadNow | undefined {
  const [first] = threads;
  if (!first || threads.some((now) => tables.thread(now.thread).pid !== tables.thread(first.thread).pid)) {
    return undefined;
  }
  const holders = threads.filter(
    ({ isCurrent, flags }) => isCurrent && (isGilOnly || (flags & SampleFlag.HoldsGil) !== 0),
  );
  return holders.reduce<ThreadNow | undefined>(
    (last, now) => (last && last.number > now.number ? last : now),
    undefined,
  );
}

/** As many as fit, two blanks apart. */
function drawPieces(grid: Grid, y: number, pieces: readonly Piece[]): void {
  let at = 0;
  for (const { text, style } of pieces) at = grid.put(at, y, text, style ?? Style.Plain) + 2;
}

function drawTabs(canvas: Canvas, shown: Shown, state: ViewState): void {
  const { grid, hits } = canvas;
  const y = HEADER_ROWS - 1;
  const isNarrow = grid.width < 100;
  let at = 0;
  for (const [index, view] of VIEWS.entries()) {
    const style = view === state.view ? Style.ActiveTab : Style.Tab;
    const end = grid.put(at, y, `${index + 1} ${TITLES[view]}`, style);
    hits.push({ y, from: at, to: end, click: { kind: 'view', view } });
    at = end + (isNarrow ? 1 : 2);
  }
  const { tables } = shown.profile;
  const choices = [
    ...(state.search === '' ? [] : [`/${state.search}`]),
    ...(state.isOwnCode ? ['own code'] : []),
    ...(state.threshold > 0 ? [`≥ ${state.threshold} %`] : []),
    ...(state.pid === null ? [] : [`process ${state.pid}`]),
    ...(state.thread === null || state.thread >= tables.threadCount
      ? []
      : [`thread ${threadName(shown.profile, state.thread, false)}`]),
    WEIGHT_TITLES[shown.weight.metric],
  ].join('  ');
  grid.putRight(grid.width, y, fit(choices, grid.width - at - 1), Style.Strong);
}

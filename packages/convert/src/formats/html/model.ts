import { MERGED_SAMPLES_KEY, metadataValue, type Profile, type ThreadId } from '@austin-profiler/profile';
import type { RawMetric } from '../../adding-up/sample-cells.js';
import { type SampleTotals, totalsOf } from '../../adding-up/sample-totals.js';
import type { ProfileHead, WriteOptions } from '../../format.js';
import { countsSamples, type ViewWeight, viewWeights } from '../../weights.js';
import { factsOf } from './facts.js';
import { FrameRows } from './frame-rows.js';
import type {
  CellColumns,
  LaneColumns,
  MetricInfo,
  Payload,
  ThreadColumns,
  TimeInfo,
} from './page/payload.js';
import { embedSources } from './sources.js';
import { StackNodes } from './stack-nodes.js';

/** A weight of the page, and where it comes from. */
export interface PageMetric extends MetricInfo {
  readonly raw: RawMetric;
}

/** What the page shows of a profile. The weight of each thread is conserved, in every metric. */
export function toPayload(profile: Profile, options: WriteOptions): Payload {
  return payloadOf(profile, totalsOf(profile), options);
}

/** As {@link toPayload}, of samples that were added up before. */
export function payloadOf(head: ProfileHead, totals: SampleTotals, options: WriteOptions): Payload {
  const { readSource } = options;
  const { cells } = totals;
  if (!hasTimeLine(head)) cells.dropSlots();
  cells.limitStacks();
  const metrics = pageMetrics(head);
  const rows = new FrameRows(head.tables);
  const { columns: stacks, place, nodeOfCell } = placeCells(head, totals, rows);
  const threads = threadRows(head, totals);
  const facts = factsOf(head, totals.counts(countsSamples(head)));
  return {
    title: options.name ?? facts.command ?? 'Profile',
    facts,
    metrics: metrics.map(({ id, unit }) => ({ id, unit })),
    rows: options.frames ?? 'function',
    strings: rows.strings,
    functions: rows.functions,
    frames: rows.frames,
    stacks,
    threads: threads.columns,
    time: { unit: timeUnit(head), slots: cells.slotCount, slotLength: cells.slotLength },
    foldedBelow: cells.foldedBelow,
    cells: cellColumns(totals, metrics, threads.row, (cell) => place[nodeOfCell[cell]!]!),
    lanes: laneColumns(totals, metrics, threads.row),
    sources: embedSources(rows, readSource && ((file) => readSource(file, head))),
  };
}

/** The weights of the page, the one to show first at the front. */
export function pageMetrics(head: ProfileHead): PageMetric[] {
  return viewWeights(head).flatMap(metricsOf);
}

/** Beside wall and CPU time the page shows what is between them. */
function metricsOf({ metric, unit }: ViewWeight, _: number, all: readonly ViewWeight[]): PageMetric[] {
  const shown = { id: metric, unit, raw: metric === 'samples' ? 'wall' : metric } satisfies PageMetric;
  return metric === 'wall' && all.some((other) => other.metric === 'cpu')
    ? [shown, { id: 'idle', unit, raw: 'idle' }]
    : [shown];
}

/**
 * Whether samples have a place in time: what was merged has lost its order, and threads without the lock are missing where only
 * its holder was sampled.
 */
export function hasTimeLine(head: ProfileHead): boolean {
  const isSet = (key: string): boolean => (metadataValue(head, key) ?? 'off') !== 'off';
  return !countsSamples(head) && !isSet(MERGED_SAMPLES_KEY) && !isSet('x-gil-only');
}

/** What the time line is in. */
export function timeUnit({ mode }: ProfileHead): TimeInfo['unit'] {
  if (mode === 'memory') return 'samples';
  return mode === 'cpu' ? 'cpu' : 'wall';
}

function placeCells({ tables }: ProfileHead, { cells }: SampleTotals, rows: FrameRows) {
  const nodes = new StackNodes(tables, rows);
  const nodeOfCell = new Uint32Array(cells.size);
  for (let cell = 0; cell < cells.size; cell++)
    nodeOfCell[cell] = nodes.of(cells.stack(cell), cells.flags(cell));
  return { ...nodes.columns(), nodeOfCell };
}

/** The threads with samples, by process in order of appearance, and the row of each. */
function threadRows({ tables }: ProfileHead, { cells }: SampleTotals) {
  const used = new Set<number>();
  for (let lane = 0; lane < cells.lanes.keys.size; lane++) used.add(cells.lanes.keys.get(lane, 0));
  const row = new Map([...used].sort((a, b) => a - b).map((thread, index) => [thread, index]));
  const columns: ThreadColumns = { pid: [], label: [] };
  for (const thread of row.keys()) {
    columns.pid.push(tables.thread(thread as ThreadId).pid);
    columns.label.push(threadLabel(tables, thread as ThreadId));
  }
  return { columns, row };
}

function cellColumns(
  { cells }: SampleTotals,
  metrics: readonly PageMetric[],
  threadRow: ReadonlyMap<number, number>,
  nodeOf: (cell: number) => number,
): CellColumns {
  const order = Uint32Array.from({ length: cells.size }, (_, cell) => cell).sort(
    (a, b) => cells.thread(a) - cells.thread(b) || cells.slot(a) - cells.slot(b) || nodeOf(a) - nodeOf(b),
  );
  const columns: CellColumns = { thread: [], slot: [], node: [], weight: metrics.map(() => []) };
  for (const cell of order) {
    const weights = metrics.map(({ raw }) => cells.weight(cell, raw));
    if (weights.every((weight) => weight === 0)) continue;
    columns.thread.push(threadRow.get(cells.thread(cell))!);
    columns.slot.push(cells.slot(cell));
    columns.node.push(nodeOf(cell));
    for (const [m, weight] of weights.entries()) columns.weight[m]!.push(weight);
  }
  return columns;
}

function laneColumns(
  { cells: { lanes } }: SampleTotals,
  metrics: readonly PageMetric[],
  threadRow: ReadonlyMap<number, number>,
): LaneColumns {
  const rows = Array.from({ length: lanes.keys.size }, (_, row) => row);
  return {
    thread: rows.map((row) => threadRow.get(lanes.keys.get(row, 0))!),
    slot: rows.map((row) => lanes.keys.get(row, 1)),
    samples: metrics.map(({ raw }) => lanes.samples[raw]),
    squares: metrics.map(({ raw }) => lanes.squares[raw]),
  };
}

/** A thread as the page names it. */
export function threadLabel(tables: Profile['tables'], id: ThreadId): string {
  const { iid, tid } = tables.thread(id);
  const name = tables.threadName(id);
  const label = name === undefined ? `thread ${tid}` : `${name} (${tid})`;
  return iid === null || iid === 0 ? label : `${label}, interpreter ${iid}`;
}

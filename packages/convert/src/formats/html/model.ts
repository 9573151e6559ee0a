import { MERGED_SAMPLES_KEY, metadataValue, type Profile, type ThreadId } from '@austin-profiler/profile';
import type { RawMetric } from '../../adding-up/sample-cells.js';
import { type SampleTotals, totalsOf } from '../../adding-up/sample-totals.js';
import type { WriteOptions } from '../../format.js';
import { countsSamples, type WeightType, weightTypes } from '../../weights.js';
import { factsOf, type ProfileHead } from './facts.js';
import { FrameRows } from './frame-rows.js';
import type { CellColumns, LaneColumns, MetricInfo, Payload, ThreadColumns } from './page/payload.js';
import { embedSources } from './sources.js';
import { StackNodes } from './stack-nodes.js';

/** A weight of the page, and where it comes from. */
interface PageMetric extends MetricInfo {
  readonly raw: RawMetric;
}

/** What the page shows of a profile. The weight of each thread is conserved, in every metric. */
export function toPayload(profile: Profile, options: WriteOptions): Payload {
  return payloadOf(profile, totalsOf(profile), options);
}

/** As {@link toPayload}, of samples that were added up before. */
export function payloadOf(head: ProfileHead, totals: SampleTotals, options: WriteOptions): Payload {
  const profile = { ...head, samples: NO_SAMPLES };
  const isCounts = countsSamples(profile);
  const { readSource } = options;
  const { cells } = totals;
  // What was merged has lost its order, and threads without the lock are missing where only its holder was sampled.
  const hasNoTime = [MERGED_SAMPLES_KEY, 'x-gil-only'].some(
    (key) => (metadataValue(profile, key) ?? 'off') !== 'off',
  );
  if (isCounts || hasNoTime) cells.dropSlots();
  cells.limitStacks();
  const metrics = weightTypes(profile).flatMap(pageMetrics);
  const rows = new FrameRows(head.tables);
  const { columns: stacks, place, nodeOfCell } = placeCells(head, totals, rows);
  const threads = threadRows(head, totals);
  const facts = factsOf(head, totals.counts(isCounts));
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
    time: {
      unit: head.mode === 'memory' ? 'samples' : head.mode === 'cpu' ? 'cpu' : 'wall',
      slots: cells.slotCount,
      slotLength: cells.slotLength,
    },
    foldedBelow: cells.foldedBelow,
    cells: cellColumns(totals, metrics, threads.row, (cell) => place[nodeOfCell[cell]!]!),
    lanes: laneColumns(totals, metrics, threads.row),
    sources: embedSources(rows, readSource && ((file) => readSource(file, profile))),
  };
}

const NO_SAMPLES: Profile['samples'] = {
  length: 0,
  stack: new Uint32Array(),
  thread: new Uint32Array(),
  timeUs: new Float64Array(),
  memoryBytes: new Float64Array(),
  flags: new Uint8Array(),
};

/** Beside wall and CPU time the page shows what is between them. */
function pageMetrics({ metric, unit }: WeightType, _: number, all: readonly WeightType[]): PageMetric[] {
  const shown = { id: metric, unit, raw: metric === 'samples' ? 'wall' : metric } satisfies PageMetric;
  return metric === 'wall' && all.length > 1 ? [shown, { id: 'idle', unit, raw: 'idle' }] : [shown];
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

function threadLabel(tables: Profile['tables'], id: ThreadId): string {
  const { iid, tid } = tables.thread(id);
  const name = tables.threadName(id);
  const label = name === undefined ? `thread ${tid}` : `${name} (${tid})`;
  return iid === null || iid === 0 ? label : `${label}, interpreter ${iid}`;
}

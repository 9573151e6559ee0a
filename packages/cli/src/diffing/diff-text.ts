import type { FunctionDifference, ProfileDifference, SampleSummary } from '@austin-profiler/profile';
import type { Colors } from '../output/colors.js';
import { count, weight } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { tableLines } from '../output/table.js';
import { type ChosenMetric, metricTitle } from '../summarizing/metric.js';
import { functionText } from '../summarizing/names.js';

/** What of a difference is shown. */
export interface DiffView {
  readonly metric: ChosenMetric;
  readonly by: 'self' | 'total';
  /** Rows; 0 for all. */
  readonly top: number;
}

/** The functions in the order asked for, the largest change first. */
export function shownFunctions(
  { functions }: ProfileDifference,
  { by, top }: DiffView,
): readonly FunctionDifference[] {
  const sorted = functions.toSorted((a, b) => Math.abs(change(b, by)) - Math.abs(change(a, by)));
  return top === 0 ? sorted : sorted.slice(0, top);
}

/** Whether chance alone would rarely make such a change: its interval leaves 0 out. */
export function isClear(difference: FunctionDifference, by: 'self' | 'total'): boolean {
  const interval = by === 'self' ? difference.selfInterval : difference.totalInterval;
  return interval !== null && (interval.low > 0 || interval.high < 0);
}

/** A difference for people. */
export function diffText(difference: ProfileDifference, view: DiffView, colors: Colors): string {
  const { metric, by } = view;
  const { before, after, functions } = difference;
  const shown = shownFunctions(difference, view);
  const title = metricTitle(metric);
  const head = `${title.charAt(0).toUpperCase()}${title.slice(1)}: ${sideText(before, metric)} before, ${sideText(after, metric)} after`;
  if (functions.length === 0) return head;
  const more =
    shown.length === functions.length ? '' : ` (${count(shown.length)} of ${count(functions.length)})`;
  const rows = shown.map((row) => [
    weight(row.before[by], metric.unit),
    shareText(row.before[by], before),
    weight(row.after[by], metric.unit),
    shareText(row.after[by], after),
    `${points(change(row, by))}${isClear(row, by) ? '*' : ' '}`,
    limitsText(by === 'self' ? row.selfInterval : row.totalInterval),
    functionText(row),
  ]);
  const lines = tableLines(
    [
      { title: `${by} before`, align: 'right' },
      { title: '', align: 'right' },
      { title: 'after', align: 'right' },
      { title: '', align: 'right' },
      { title: 'change ', align: 'right' },
      { title: '95 %', align: 'left' },
      { title: `function${more}`, align: 'left' },
    ],
    rows,
    colors.dim,
  );
  const note =
    'Changes are of the share, in percentage points. * is more than chance would explain, 19 times out of 20.';
  const strangers = haveNothingInCommon(difference)
    ? ['', 'No function is in both profiles: they are of different programs, or of files with other names.']
    : [];
  return [head, '', ...lines, '', note, ...strangers, ...movedText(difference)].join('\n');
}

/** Which files were found again although they have other names: people can tell whether that is right. */
function movedText({ functions }: ProfileDifference): string[] {
  const moved = new Map<string, string>();
  for (const { file, fileBefore } of functions) if (file !== fileBefore) moved.set(file, fileBefore);
  const [first] = moved;
  if (!first) return [];
  const [file, before] = first.map((name) => printable(name));
  const files = moved.size === 1 ? '1 file was' : `${count(moved.size)} files were`;
  return [
    '',
    `${files} in another folder before, and found by the end of the path, such as ${before}, now ${file}.`,
  ];
}

function haveNothingInCommon({ before, after, functions }: ProfileDifference): boolean {
  if (before.samples === 0 || after.samples === 0) return false;
  return !functions.some((row) => row.before.total > 0 && row.after.total > 0);
}

function change(row: FunctionDifference, by: 'self' | 'total'): number {
  return by === 'self' ? row.selfChange : row.totalChange;
}

function sideText(side: SampleSummary, { unit, isCount }: ChosenMetric): string {
  const samples = side.samples === 1 ? '1 sample' : `${count(Math.round(side.samples))} samples`;
  return isCount ? samples : `${weight(side.total, unit)} in ${samples}`;
}

function shareText(part: number, { total }: SampleSummary): string {
  return `${total > 0 ? ((100 * part) / total).toFixed(1) : '0.0'} %`;
}

function limitsText(interval: { low: number; high: number } | null): string {
  return interval ? `${points(interval.low)} to ${points(interval.high)}` : 'unknown';
}

/** A difference of shares in percentage points, with its sign. */
function points(share: number): string {
  const text = (100 * share).toFixed(1);
  if (text === '0.0' || text === '-0.0') return '0.0';
  return share > 0 ? `+${text}` : text;
}

import {
  type Hotness,
  type Profile,
  type ProfileSummary,
  type SampleSummary,
  wilson,
} from '@austin-profiler/profile';
import type { Colors } from '../output/colors.js';
import { count, percent, weight } from '../output/numbers.js';
import { type TableColumn, tableLines } from '../output/table.js';
import { metricTitle } from './metric.js';
import { functionName, functionText, threadName, threadText } from './names.js';
import { hottest, type SummaryView } from './summary-view.js';

/** A summary for people. */
export function summaryText(
  profile: Profile,
  summary: ProfileSummary,
  view: SummaryView,
  colors: Colors,
): string {
  if (summary.samples === 0) return `No sample of the profile has ${metricTitle(view.metric)}.`;
  const lines = [headText(summary, view), ...factLines(summary), ''];
  lines.push(...partLines(profile, summary, view, colors), ...threadLines(profile, summary, view, colors));
  if (view.byThread) {
    for (const part of summary.threads) {
      const name = threadText(threadName(profile, part.thread));
      const total = weight(part.total, view.metric.unit);
      lines.push(
        '',
        colors.bold(`${upperFirst(name)}: ${total}, ${samplesText(part)}`),
        ...factLines(part),
        '',
      );
      lines.push(...partLines(profile, part, view, colors));
    }
  }
  return lines.join('\n');
}

function headText(summary: ProfileSummary, { metric }: SummaryView): string {
  const threads = summary.threads.length === 1 ? '1 thread' : `${count(summary.threads.length)} threads`;
  const total = metric.isCount ? '' : `: ${weight(summary.total, metric.unit)}, `;
  const samples = `${samplesText(summary)} of ${threads}`;
  return metric.isCount ? upperFirst(samples) : `${upperFirst(metricTitle(metric))}${total}${samples}`;
}

function samplesText({ samples }: SampleSummary): string {
  return samples === 1 ? '1 sample' : `${count(samples)} samples`;
}

function factLines({ total, withoutFrames, invalid, gc }: SampleSummary): string[] {
  return [
    ...(withoutFrames > 0 ? [`  ${percent(withoutFrames, total)} without a Python frame`] : []),
    ...(invalid > 0 ? [`  ${percent(invalid, total)} in stacks that could not be read whole`] : []),
    ...(gc > 0 ? [`  ${percent(gc, total)} while the garbage collector ran`] : []),
  ];
}

function partLines(profile: Profile, part: SampleSummary, view: SummaryView, colors: Colors): string[] {
  const functions = hottest(part.functions, view).map(({ fn, ...hotness }) => ({
    text: functionText(functionName(profile, fn)),
    hotness,
  }));
  const lines = hottest(part.lines, view).map(({ fn, line, ...hotness }) => ({
    text: functionText(functionName(profile, fn), line),
    hotness,
  }));
  return [
    ...hotnessTable(`function${moreText(functions, part.functions)}`, functions, part, view, colors),
    '',
    ...hotnessTable(`line${moreText(lines, part.lines)}`, lines, part, view, colors),
  ];
}

function moreText(shown: readonly unknown[], all: readonly unknown[]): string {
  return shown.length === all.length ? '' : ` (${count(shown.length)} of ${count(all.length)})`;
}

interface Row {
  readonly text: string;
  readonly hotness: Hotness;
}

function hotnessTable(
  title: string,
  rows: readonly Row[],
  part: SampleSummary,
  { metric }: SummaryView,
  colors: Colors,
): string[] {
  const cells = (value: number): string[] => [weight(value, metric.unit), ...shareCells(value, part)];
  const columns: TableColumn[] = [
    ...valueColumns('self'),
    ...valueColumns('total'),
    { title, align: 'left' },
  ];
  const body = rows.map(({ text, hotness }) => [...cells(hotness.self), ...cells(hotness.total), text]);
  return tableLines(columns, body, colors.dim);
}

function threadLines(
  profile: Profile,
  summary: ProfileSummary,
  { metric }: SummaryView,
  colors: Colors,
): string[] {
  if (summary.threads.length < 2) return [];
  const rows = summary.threads.map((part) => [
    weight(part.total, metric.unit),
    ...shareCells(part.total, summary),
    count(Math.round(part.samples)),
    threadText(threadName(profile, part.thread)),
  ]);
  const columns: TableColumn[] = [
    ...valueColumns('total'),
    { title: 'samples', align: 'right' },
    { title: 'thread', align: 'left' },
  ];
  return ['', ...tableLines(columns, rows, colors.dim)];
}

function valueColumns(title: string): TableColumn[] {
  return [
    { title, align: 'right' },
    { title: '', align: 'right' },
    { title: '95 %', align: 'left' },
  ];
}

/** A share and its interval. */
function shareCells(value: number, part: SampleSummary): string[] {
  const interval = wilson(value / part.total, part.effectiveSamples);
  const text = interval ? `${limit(interval.low)}–${limit(interval.high)}` : 'unknown';
  return [percent(value, part.total), text];
}

function limit(share: number): string {
  return (100 * share).toFixed(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

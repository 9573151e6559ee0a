import type { FunctionId, HotLine, Hotness } from '@austin-profiler/profile';
import { functionFile, functionName, hasSource } from '../model/names.js';
import type { Shown } from '../model/shown.js';
import type { SourceLines, Sources } from '../model/sources.js';
import { Style } from '../screen/styles.js';
import { fit, fitEnd } from '../screen/text.js';
import { finishRow, type View } from './view.js';
import { drawWeightHeadings, drawWeights } from './weight-columns.js';

const NOTHING: Hotness = { self: 0, total: 0 };
const TAB = '        ';

/** The file of a function with what each line took; without the file, the lines that were seen. */
export function linesView(shown: Shown, fn: FunctionId | null, sources: Sources): View {
  const { profile, summary, weight } = shown;
  if (fn === null) return noLines('choose a function first: Enter on it shows its lines');
  const hot = hotLines(shown, fn);
  const source: SourceLines = hasSource(profile, fn)
    ? sources.of(functionFile(profile, fn))
    : { problem: 'it is not in a file' };
  const texts = 'lines' in source ? source.lines : undefined;
  const numbers = texts?.map((_, index) => index + 1) ?? [...hot.keys()].sort((a, b) => a - b);
  const rowOf = (key: string): number => (texts ? Number(key) - 1 : numbers.indexOf(Number(key)));
  const whole = { total: summary.total, effectiveSamples: summary.effectiveSamples, unit: weight.unit };
  const digits = String(numbers.at(-1) ?? 0).length;
  return {
    count: numbers.length,
    firstRow: Math.max(0, rowOf(String(hottest(summary.lines, fn) ?? profile.tables.functionFirstLine(fn)))),
    emptyText: 'no line of it was seen',
    rowOf: (key) => (rowOf(key) < numbers.length ? rowOf(key) : -1),
    keyAt: (row) => (numbers[row] === undefined ? undefined : String(numbers[row])),
    fnAt: () => fn,
    drawHeading(canvas) {
      const { grid, y } = canvas;
      const from = drawWeightHeadings(canvas);
      const problem = 'lines' in source ? (source.warning ?? '') : `no source: ${source.problem}`;
      const name = fit(functionName(profile, fn), Math.floor((grid.width - from) / 2));
      const at = grid.put(from, y, name, Style.SortedHeading) + 1;
      const place = problem === '' ? functionFile(profile, fn) : problem;
      grid.put(at, y, fitEnd(place, grid.width - at), Style.Heading);
    },
    drawRow(row, canvas, chosen) {
      const { grid, y } = canvas;
      const number = numbers[row]!;
      const hotness = hot.get(number);
      const from = hotness ? drawWeights(canvas, hotness, whole) : drawWeights(canvas, NOTHING, whole);
      if (!hotness) grid.clear(0, y, from);
      grid.putRight(from + digits, y, number === 0 ? '?' : String(number), Style.Dim);
      const text = texts?.[row]?.replaceAll('\t', TAB) ?? functionName(profile, fn);
      grid.put(from + digits + 2, y, text, hotness ? Style.Strong : Style.Plain);
      finishRow(canvas, String(number), chosen);
    },
  };
}

/** What was seen of the lines of the function's file, by line. */
function hotLines({ profile: { tables }, summary }: Shown, fn: FunctionId): Map<number, Hotness> {
  const lines = new Map<number, Hotness>();
  const file = tables.functionFile(fn);
  for (const { fn: other, line, self, total } of summary.lines) {
    if (tables.functionFile(other) !== file) continue;
    const known = lines.get(line) ?? NOTHING;
    // Two functions in one line may call each other; the sum of their totals would count that twice.
    const own = known.self + self;
    lines.set(line, { self: own, total: Math.max(known.total, total, own) });
  }
  return lines;
}

/** The line of the function that took most, without what it called if it took anything by itself. */
function hottest(lines: readonly HotLine[], fn: FunctionId): number | undefined {
  return lines.find((line) => line.fn === fn && line.line > 0)?.line;
}

function noLines(emptyText: string): View {
  return {
    count: 0,
    firstRow: 0,
    emptyText,
    rowOf: () => -1,
    keyAt: () => undefined,
    fnAt: () => undefined,
    drawHeading(canvas) {
      drawWeightHeadings(canvas);
    },
    drawRow() {},
  };
}

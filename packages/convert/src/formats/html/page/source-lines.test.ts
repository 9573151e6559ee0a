import { describe, expect, it } from 'vitest';
import { LineWeights, lineTables } from './line-weights.js';
import type { Payload } from './payload.js';
import { toRecording } from './recording.js';
import { lineTable, sourceFiles, spansOf } from './source-lines.js';

/** f at 3 and at 4, f inside itself at 3; g in the same file at 3; native code. */
const payload = {
  strings: ['f', 'g', 'n', 'app.py', 'lib.so'],
  functions: { name: [0, 1, 2], file: [3, 3, 4], line: [1, 3, 0], kind: [0, 0, 1] },
  frames: {
    fn: [0, 0, 1, 2, 0],
    line: [3, 4, 3, 0, 3],
    lineEnd: [3, 4, 3, 0, 4],
    column: [5, 0, 9, 0, 9],
    columnEnd: [12, 0, 12, 0, 2],
  },
  stacks: { depth: [1, 2, 3, 1], frame: [0, 4, 2, 1] },
  threads: { pid: [1], label: ['a'] },
  cells: { thread: [0, 0, 0], slot: [0, 0, 1], node: [1, 2, 3], weight: [[10, 20, 5]] },
} as unknown as Payload;

describe('LineWeights', () => {
  const recording = toRecording(payload);
  const weights = (from: number, to: number) =>
    new LineWeights(recording, lineTables(recording), { threads: [0], metric: 0, from, to });

  it('weighs lines, recursion once', () => {
    const { lines, files } = weights(0, 2);
    expect([[...lines.self], [...lines.total]]).toEqual([
      [30, 5, 0],
      [30, 5, 0],
    ]);
    expect(files.total[3]).toBe(35);
    expect(weights(0, 2).ofFunction(0)).toEqual([
      { line: 3, self: 10, total: 30 },
      { line: 4, self: 5, total: 5 },
    ]);
    expect(weights(0, 2).ofFunction(1)).toEqual([{ line: 3, self: 20, total: 20 }]);
  });

  it('weighs the selected time only', () => {
    expect(weights(1, 2).ofFunction(0)).toEqual([{ line: 4, self: 5, total: 5 }]);
  });

  it('weighs frames apart', () => {
    expect([...weights(0, 2).frames.total]).toEqual([30, 5, 20, 0, 30]);
  });
});

describe('lineTable', () => {
  it('joins lines of a file whatever their function', () => {
    const { line, file, ofFrame } = lineTable(payload);
    expect(line).toEqual([3, 4, 0]);
    expect(file).toEqual([3, 3, 4]);
    expect([...ofFrame]).toEqual([0, 1, 0, 2, 0]);
    expect(sourceFiles(payload)).toEqual([3]);
  });
});

describe('spansOf', () => {
  const frames = (...columns: [column: number, columnEnd: number, lineEnd?: number][]) => ({
    fn: columns.map(() => 0),
    line: columns.map(() => 1),
    lineEnd: columns.map(([, , lineEnd]) => lineEnd ?? 1),
    column: columns.map(([column]) => column),
    columnEnd: columns.map(([, columnEnd]) => columnEnd),
  });
  const cut = (text: string, ...columns: [number, number, number?][]) =>
    spansOf(
      text,
      [...columns.keys()],
      frames(...columns),
      columns.map((_, i) => 10 ** i),
    ).map(({ text: part, weight }) => `${part}=${weight}`);

  it('cuts a line where expressions begin and end, and adds up those over a part', () => {
    expect(cut('x = f(g(y))', [5, 12], [7, 11])).toEqual(['x = =0', 'f(=1', 'g(y)=11', ')=1']);
  });

  it('counts columns in bytes', () => {
    expect(cut('é = ß(𝒳)', [6, 14])).toEqual(['é = =0', 'ß(𝒳)=1', '=0'].slice(0, 2));
  });

  it('lets an expression of several lines take the rest of its first', () => {
    expect(cut('x = f(', [5, 2, 3])).toEqual(['x = =0', 'f(=1']);
  });

  it('survives columns that the line does not have', () => {
    expect(cut('x', [50, 60], [1, 99])).toEqual(['x=10']);
    expect(cut('', [1, 2])).toEqual([]);
    expect(spansOf('x', [0], frames([0, 0]), [1])).toEqual([{ text: 'x', weight: 0 }]);
  });
});

import {
  aggregateCalls,
  EMPTY_STACK,
  ProfileBuilder,
  SampleFlag,
  type StackId,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { GARBAGE_COLLECTION, INVALID_STACK, NO_FRAMES } from '../../synthetic-names.js';
import { toPayload } from './model.js';
import type { Payload } from './page/payload.js';

function stackOf(builder: ProfileBuilder, ...frames: [name: string, line: number][]): StackId {
  const { tables } = builder;
  let stack = EMPTY_STACK;
  for (const [name, line] of frames) {
    const fn = tables.internFunction(tables.internString(name), tables.internString('app.py'));
    stack = tables.internStack(stack, tables.internFrame(fn, line));
  }
  return stack;
}

/** Call paths with weight of their own: `a;b` to the weights in each metric. */
function paths({ tree, strings, functions }: Payload): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const path: string[] = [];
  for (const [node, depth] of tree.depth.entries()) {
    path.length = depth - 1;
    path.push(strings[functions.name[tree.fn[node]!]!]!);
    const weights = tree.self.map((column) => column[node]!);
    if (weights.some((weight) => weight > 0)) found[path.join(';')] = weights;
  }
  return found;
}

describe('toPayload', () => {
  it('merges stacks into call paths and marks what samples say of themselves', () => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, 'ab');
    const deep = stackOf(builder, ['main', 1], ['work', 5]);
    builder.addSample(deep, thread, 100, 0, 0);
    builder.addSample(stackOf(builder, ['main', 2], ['work', 6]), thread, 30, 0, 0);
    builder.addSample(deep, thread, 7, 0, SampleFlag.Gc);
    builder.addSample(deep, thread, 5, 0, SampleFlag.Invalid);
    builder.addSample(EMPTY_STACK, thread, 3, 0, SampleFlag.Invalid);
    builder.addSample(EMPTY_STACK, thread, 2, 0, 0);
    const payload = toPayload(builder.build(), {});
    expect(paths(payload)).toEqual({
      'main;work': [130],
      [`main;work;${GARBAGE_COLLECTION}`]: [7],
      [`${INVALID_STACK};main;work`]: [5],
      [INVALID_STACK]: [3],
      [NO_FRAMES]: [2],
    });
    expect(payload.facts).toMatchObject({ samples: 6, invalid: 2, mode: 'wall' });
    expect(payload.threads).toMatchObject({ samples: [[6]], squares: [[10_987]], label: ['thread ab'] });
  });

  it('conserves the weight of each thread in each metric', () => {
    const builder = new ProfileBuilder();
    builder.addMetadata('mode', 'full');
    const threads = ['a', 'b', 'unused', 'c'].map((tid) => builder.tables.internThread(9, 0, tid));
    for (let i = 0; i < 400; i++) {
      const frames = Array.from({ length: i % 7 }, (_, d): [string, number] => [`f${(i * d) % 5}`, d]);
      const thread = threads[[0, 1, 3][i % 3]!]!;
      builder.addSample(stackOf(builder, ...frames), thread, i % 11, (i % 13) - 6, i % 8);
    }
    const profile = builder.build();
    const payload = toPayload(profile, {});
    expect(payload.metrics.map(({ id }) => id)).toEqual(['cpu', 'wall', 'allocated', 'deallocated']);
    for (const [m, { id }] of payload.metrics.entries()) {
      const expected = aggregateCalls(profile, { metric: id as 'cpu' }).map(({ total }) => total);
      let at = 0;
      const totals = payload.threads.nodes.map((count) => {
        const rows = payload.tree.self[m]!.slice(at, at + count);
        at += count;
        return rows.reduce((sum, weight) => sum + weight, 0);
      });
      expect(totals).toEqual([expected[0], expected[1], expected[3]]);
    }
  });

  it('weighs lines, recursion once', () => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, 'ab');
    builder.addSample(stackOf(builder, ['f', 1], ['f', 1], ['f', 2]), thread, 1000, 0, 0);
    builder.addSample(stackOf(builder, ['f', 1], ['f', 1]), thread, 500, 0, 0);
    builder.addSample(stackOf(builder, ['f', 3]), thread, 40, 0, SampleFlag.Gc);
    builder.addSample(stackOf(builder, ['f', 9]), thread, 1, 0, 0);
    builder.addSample(stackOf(builder, ['f', 0]), thread, 9, 0, 0);
    const { lines } = toPayload(builder.build(), {});
    const rows = lines.line.map((line, i) => [line, lines.self[0]![i], lines.total[0]![i]]);
    expect(rows.sort((a, b) => a[0]! - b[0]!)).toEqual([
      [1, 500, 1500],
      [2, 1000, 1000],
      [3, 0, 40],
    ]);
  });

  it('makes each line a row when asked to', () => {
    const builder = new ProfileBuilder();
    const thread = builder.tables.internThread(1, 0, 'ab');
    builder.addSample(stackOf(builder, ['f', 1]), thread, 10, 0, 0);
    builder.addSample(stackOf(builder, ['f', 2]), thread, 20, 0, 0);
    const { functions, tree, lines } = toPayload(builder.build(), { frames: 'line' });
    expect(functions.line).toEqual([1, 2]);
    expect(tree.self).toEqual([[10, 20]]);
    expect(lines.fn).toEqual([]);
  });

  it('reads what the metadata says, and takes the rest as unknown', () => {
    const builder = new ProfileBuilder();
    for (const [key, value] of [
      ['mode', 'cpu'],
      ['interval', '100'],
      ['duration', 'soon'],
      ['x-command', 'python app.py'],
      ['errors', '3/40'],
      ['map', '00-ff /lib/libc.so'],
    ] as const) {
      builder.addMetadata(key, value);
    }
    builder.addDiagnostic({ code: 'ERR_X', message: 'cut short', count: 2 });
    const { facts, title } = toPayload(builder.build(), {});
    expect(title).toBe('python app.py');
    expect(facts).toMatchObject({ intervalUs: 100, mode: 'cpu', reported: { invalid: 3, total: 40 } });
    expect(facts).not.toHaveProperty('durationUs');
    expect(facts.metadata.map(([key]) => key)).not.toContain('map');
    expect(facts.notes).toEqual([{ message: 'cut short', count: 2 }]);
  });

  it('takes counts as samples', () => {
    const builder = new ProfileBuilder();
    builder.addMetadata('x-weight-unit', 'count');
    builder.addSample(stackOf(builder, ['f', 1]), builder.tables.internThread(1, 0, 'ab'), 12, 0, 0);
    const { facts, metrics } = toPayload(builder.build(), {});
    expect(facts.samples).toBe(12);
    expect(metrics).toEqual([{ id: 'samples', unit: 'count' }]);
  });

  it('manages a stack of 20 000 frames', () => {
    const builder = new ProfileBuilder();
    const frames = Array.from({ length: 20_000 }, (_, i): [string, number] => [`f${i % 3}`, i]);
    builder.addSample(stackOf(builder, ...frames), builder.tables.internThread(1, 0, 'ab'), 5, 0, 0);
    expect(toPayload(builder.build(), {}).tree.depth.at(-1)).toBe(20_000);
  });
});

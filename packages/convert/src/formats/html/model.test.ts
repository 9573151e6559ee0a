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
function paths(payload: Payload): Record<string, number[]> {
  const { cells, strings, functions, frames, stacks } = payload;
  const names: string[] = [];
  const path: string[] = [];
  for (const [node, depth] of stacks.depth.entries()) {
    path.length = depth - 1;
    path.push(strings[functions.name[frames.fn[stacks.frame[node]!]!]!]!);
    names.push(path.join(';'));
  }
  const found: Record<string, number[]> = {};
  for (const [cell, node] of cells.node.entries()) {
    const sums = found[names[node]!] ?? cells.weight.map(() => 0);
    found[names[node]!] = sums;
    for (const [m, column] of cells.weight.entries()) sums[m]! += column[cell]!;
  }
  return found;
}

/** Totals of each thread, by metric. */
function threadTotals({ cells, threads }: Payload): number[][] {
  return cells.weight.map((column) => {
    const totals = threads.pid.map(() => 0);
    for (const [cell, thread] of cells.thread.entries()) totals[thread]! += column[cell]!;
    return totals;
  });
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
    expect(payload.threads).toEqual({ pid: [1], label: ['thread ab'] });
    expect(payload.lanes.samples[0]!.reduce((sum, count) => sum + count)).toBe(6);
    expect(payload.lanes.squares[0]!.reduce((sum, square) => sum + square)).toBe(10_987);
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
    expect(payload.metrics.map(({ id }) => id)).toEqual(['cpu', 'wall', 'idle', 'allocated', 'deallocated']);
    const totals = threadTotals(payload);
    for (const [m, { id }] of payload.metrics.entries()) {
      if (id === 'idle') continue;
      const expected = aggregateCalls(profile, { metric: id as 'cpu' }).map(({ total }) => total);
      expect(totals[m]).toEqual([expected[0], expected[1], expected[3]]);
    }
    expect(totals[2]).toEqual(totals[1]!.map((wall, thread) => wall - totals[0]![thread]!));
  });

  it('knows the lines and the columns of frames', () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    const fn = tables.internFunction(tables.internString('f'), tables.internString('app.py'), 3);
    const stack = tables.internStack(EMPTY_STACK, tables.internFrame(fn, 4, 4, 9, 21));
    builder.addSample(stack, tables.internThread(1, 0, 'ab'), 10, 0, 0);
    const { functions, frames } = toPayload(builder.build(), {});
    expect(functions.line).toEqual([3]);
    expect(frames).toEqual({ fn: [0], line: [4], lineEnd: [4], column: [9], columnEnd: [21] });
  });

  it('puts samples where their thread was at the time', () => {
    const builder = new ProfileBuilder();
    const first = builder.tables.internThread(1, 0, 'ab');
    const late = builder.tables.internThread(1, 0, 'cd');
    const unannounced = builder.tables.internThread(1, 0, 'ef');
    const stack = stackOf(builder, ['f', 1]);
    for (let i = 0; i < 4; i++) builder.addSample(stack, first, 100_000, 0, 0);
    builder.addMetadata('x-thread-start:1:0:cd', '700000');
    builder.addSample(stack, late, 100_000, 0, 0);
    builder.addSample(stack, unannounced, 50_000, 0, 0);
    const { time, cells } = toPayload(builder.build(), {});
    expect(time.unit).toBe('wall');
    const middles = cells.slot.map((slot) => Math.round((slot * time.slotLength) / 10_000) * 10_000);
    expect(middles).toEqual([50_000, 150_000, 250_000, 350_000, 650_000, 670_000]);
    expect(time.slots).toBeLessThanOrEqual(2048);
    expect(time.slots * time.slotLength).toBeGreaterThanOrEqual(675_000);
  });

  it('takes samples in their order where no time is measured', () => {
    const builder = new ProfileBuilder();
    builder.addMetadata('mode', 'memory');
    const thread = builder.tables.internThread(1, 0, 'ab');
    for (let i = 0; i < 3; i++) builder.addSample(stackOf(builder, ['f', 1]), thread, 0, 1 << i, 0);
    const { time, cells } = toPayload(builder.build(), {});
    expect(time).toEqual({ unit: 'samples', slots: 3, slotLength: 1 });
    expect(cells.slot).toEqual([0, 1, 2]);
    expect(cells.weight[0]).toEqual([1, 2, 4]);
  });

  it.each(['x-merged-samples', 'x-gil-only'])('has no time line of a profile with %s', (key) => {
    const builder = new ProfileBuilder();
    builder.addMetadata(key, key === 'x-gil-only' ? 'on' : '99');
    const thread = builder.tables.internThread(1, 0, 'ab');
    for (let i = 0; i < 3; i++) builder.addSample(stackOf(builder, ['f', 1]), thread, 1000, 0, 0);
    expect(toPayload(builder.build(), {}).time.slots).toBe(1);
  });

  it('embeds the sources that it is given, of Python files only', () => {
    const builder = new ProfileBuilder();
    const { tables } = builder;
    for (const [file, kind] of [
      ['app.py', 0],
      ['gone.py', 0],
      ['<string>', 0],
      ['/lib/libc.so', 1],
    ] as const) {
      const fn = tables.internFunction(tables.internString('f'), tables.internString(file), 0, kind);
      const stack = tables.internStack(EMPTY_STACK, tables.internFrame(fn, 1));
      builder.addSample(stack, tables.internThread(1, 0, 'ab'), 10, 0, 0);
    }
    const profile = builder.build();
    const asked: string[] = [];
    const { strings, sources } = toPayload(profile, {
      readSource: (file) => {
        asked.push(file);
        return file === 'app.py' ? { text: 'pass\n', warning: 'it changed' } : { problem: 'no such file' };
      },
    });
    expect(asked).toEqual(['app.py', 'gone.py']);
    expect(sources.file.map((file) => strings[file])).toEqual(asked);
    expect(sources).toMatchObject({ text: ['pass\n', null], problem: ['it changed', 'no such file'] });
    expect(toPayload(profile, {}).sources.file).toEqual([]);
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
    const { facts, metrics, time } = toPayload(builder.build(), {});
    expect(facts.samples).toBe(12);
    expect(time.slots).toBe(1);
    expect(metrics).toEqual([{ id: 'samples', unit: 'count' }]);
  });

  it('manages a stack of 20 000 frames', () => {
    const builder = new ProfileBuilder();
    const frames = Array.from({ length: 20_000 }, (_, i): [string, number] => [`f${i % 3}`, i]);
    builder.addSample(stackOf(builder, ...frames), builder.tables.internThread(1, 0, 'ab'), 5, 0, 0);
    expect(toPayload(builder.build(), {}).stacks.depth.at(-1)).toBe(20_000);
  });
});

import { describe, expect, it } from 'vitest';
import { EMPTY_STACK, FrameKind, ProfileTables } from './tables.js';

function tablesWith(...names: string[]) {
  const tables = new ProfileTables();
  const file = tables.internString('app.py');
  const frames = names.map((name, i) =>
    tables.internFrame(tables.internFunction(tables.internString(name), file), i + 1),
  );
  return { tables, frames };
}

describe('ProfileTables', () => {
  it('has the empty string and the empty stack from the start, as number 0', () => {
    const tables = new ProfileTables();
    expect(tables.internString('')).toBe(0);
    expect(tables.stackCount).toBe(1);
    expect(tables.stackFrames(EMPTY_STACK)).toEqual([]);
  });

  it('keeps one copy of each string, whatever is in it', () => {
    const tables = new ProfileTables();
    for (const text of ['naïve', '計算', '🐍', 'a\nb', '\udce9', '__proto__']) {
      const id = tables.internString(text);
      expect(tables.internString(text)).toBe(id);
      expect(tables.string(id)).toBe(text);
    }
    expect(tables.stringCount).toBe(7);
  });

  it('tells functions apart by name, file, first line and kind', () => {
    const tables = new ProfileTables();
    const [f, g, file] = [tables.internString('f'), tables.internString('g'), tables.internString('x.py')];
    const ids = [
      tables.internFunction(f, file),
      tables.internFunction(g, file),
      tables.internFunction(f, g),
      tables.internFunction(f, file, 3),
      tables.internFunction(f, file, 0, FrameKind.Native),
    ];
    expect(ids).toEqual([0, 1, 2, 3, 4]);
    expect(tables.internFunction(f, file, 3, FrameKind.Python)).toBe(3);
    expect(tables.functionCount).toBe(5);
  });

  it('resolves a frame with its whole position', () => {
    const tables = new ProfileTables();
    const fn = tables.internFunction(
      tables.internString('C.run'),
      tables.internString('x.py'),
      10,
      FrameKind.Kernel,
    );
    expect(tables.frameInfo(tables.internFrame(fn, 12, 13, 5, 9))).toEqual({
      name: 'C.run',
      file: 'x.py',
      firstLine: 10,
      kind: FrameKind.Kernel,
      line: 12,
      lineEnd: 13,
      column: 5,
      columnEnd: 9,
    });
  });

  it('tells frames of one function apart by each part of the position', () => {
    const tables = new ProfileTables();
    const fn = tables.internFunction(tables.internString('f'), tables.internString('x.py'));
    const ids = [[], [1], [1, 1], [1, 1, 1], [1, 1, 1, 2]].map((at) => tables.internFrame(fn, ...at));
    expect(new Set(ids).size).toBe(5);
  });

  it('shares the common part of stacks and returns them outermost first', () => {
    const { tables, frames } = tablesWith('main', 'a', 'b');
    const [main, a, b] = frames as [(typeof frames)[0], (typeof frames)[0], (typeof frames)[0]];
    const bottom = tables.internStack(EMPTY_STACK, main);
    const left = tables.internStack(bottom, a);
    const right = tables.internStack(bottom, b);
    expect(tables.stackFrames(left)).toEqual([main, a]);
    expect(tables.stackFrames(right)).toEqual([main, b]);
    expect(tables.stackParent(left)).toBe(bottom);
    expect(tables.stackParent(bottom)).toBe(EMPTY_STACK);
    expect(tables.internStack(bottom, a)).toBe(left);
    expect(tables.stackCount).toBe(4);
  });

  it('does not take the first frame on the empty stack for the empty stack', () => {
    const { tables, frames } = tablesWith('main');
    expect(tables.internStack(EMPTY_STACK, frames[0]!)).not.toBe(EMPTY_STACK);
  });

  it('knows a thread by process, interpreter and id together', () => {
    const tables = new ProfileTables();
    const ids = [
      tables.internThread(1, 0, '0x7f'),
      tables.internThread(2, 0, '0x7f'),
      tables.internThread(1, 1, '0x7f'),
      tables.internThread(1, null, '0x7f'),
      tables.internThread(1, 0, 'MainThread'),
    ];
    expect(ids).toEqual([0, 1, 2, 3, 4]);
    expect(tables.internThread(1, 1, '0x7f')).toBe(2);
    expect(tables.thread(ids[3]!)).toEqual({ pid: 1, iid: null, tid: '0x7f' });
  });

  it('lets a thread get a name, and another one later', () => {
    const tables = new ProfileTables();
    const thread = tables.internThread(1, 0, '1');
    expect(tables.threadName(thread)).toBeUndefined();
    tables.setThreadName(thread, 'worker');
    tables.setThreadName(thread, 'スレッド');
    expect(tables.threadName(thread)).toBe('スレッド');
    expect(tables.threadCount).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { type ProgramTruth, type SampledFrame, stackJudge } from './truth.js';

/** <module> (line 9) calls outer, which calls left on line 2 and right on line 3; left calls itself. */
const truth: ProgramTruth = {
  truth: 1,
  pid: 1,
  python: [3, 12, 1],
  columns: true,
  strict: true,
  files: ['app.py'],
  codes: [
    { name: '<module>', file: 'app.py', firstLine: 1, positions: [[9, 9, 1, 8]] },
    {
      name: 'outer',
      file: 'app.py',
      firstLine: 1,
      positions: [
        [2, 2, 5, 11],
        [3, 3, 5, 12],
      ],
    },
    { name: 'left', file: 'app.py', firstLine: 5, positions: [[6, 7, 5, 9]] },
    { name: 'right', file: 'app.py', firstLine: 8, positions: [[8, 8, 0, 0]] },
    { name: 'run', file: 'threading.py', firstLine: 1, positions: [[1, 1, 1, 2]] },
  ],
  roots: [0, 4],
  edges: [
    [0, 1, [9]],
    [4, 1],
    [1, 2, [2]],
    [1, 3, [3]],
    [2, 2],
  ],
  limits: [[2, 2]],
  threads: [
    { tid: 10, name: 'MainThread', through: null },
    { tid: 11, name: 'worker', through: 3 },
  ],
};

const frame = (
  name: string,
  line: number,
  lineEnd: number,
  column: number,
  columnEnd: number,
): SampledFrame => ({
  name,
  file: name === 'run' ? 'threading.py' : 'app.py',
  line,
  lineEnd,
  column,
  columnEnd,
});
const module = frame('<module>', 9, 9, 1, 8);
const run = frame('run', 1, 1, 1, 2);
const onLeft = frame('outer', 2, 2, 5, 11);
const onRight = frame('outer', 3, 3, 5, 12);
const left = frame('left', 6, 7, 5, 9);
const right = frame('right', 8, 8, 0, 0);

describe('stackJudge', () => {
  const judge = stackJudge(truth);

  it.each([
    ['a whole path', [module, onLeft, left]],
    ['a path that stops earlier', [module, onLeft]],
    ['recursion within its bound', [module, onLeft, left, left]],
    ['a frame without columns', [module, onRight, right]],
    ['a last line that is unknown without columns', [module, onRight, { ...right, lineEnd: 0 }]],
  ])('accepts %s', (_, frames) => {
    expect(judge(frames)).toEqual({ kind: 'legal' });
  });

  it.each([
    ['a call nobody makes', [module, left], 'does not call'],
    ['a call from another line', [module, onRight, left], 'does not call'],
    ['a missing outermost frame', [onLeft, left], 'outermost'],
    ['a line the function does not have', [module, { ...onLeft, line: 6 }], 'position'],
    ['columns of another instruction', [module, { ...onLeft, columnEnd: 12 }], 'position'],
    ['missing columns', [module, { ...onLeft, column: 0, columnEnd: 0 }], 'position'],
    ['another last line', [module, onLeft, { ...left, lineEnd: 6 }], 'position'],
    ['too deep a recursion', [module, onLeft, left, left, left], '3 times'],
    ['a function the file does not have', [module, onLeft, { ...left, name: 'lost' }], 'no such function'],
    ['a frame of another file', [module, { ...left, file: 'os.py' }, onLeft], 'not part'],
  ])('refuses %s', (_, frames, reason) => {
    expect(judge(frames)).toMatchObject({ kind: 'illegal', reason: expect.stringContaining(reason) });
  });

  it('says nothing of stacks without the program’s work', () => {
    expect(judge([module])).toEqual({ kind: 'outside' });
    expect(judge([module, { ...left, name: 'dumps', file: 'json.py' }])).toEqual({ kind: 'outside' });
    expect(judge([])).toEqual({ kind: 'outside' });
  });

  it('knows which thread a stack belongs to', () => {
    const working = [run, onRight, right];
    expect(judge(working, { tid: 11 })).toEqual({ kind: 'legal' });
    expect(judge(working, { tid: 10 })).toMatchObject({ reason: 'right is a frame of thread 11, not of 10' });
    expect(judge([run, onRight], { tid: 11 })).toMatchObject({ reason: 'thread 11 is always in right' });
    expect(judge([run, onRight], { tid: 11, cut: true })).toEqual({ kind: 'legal' });
  });

  it('asks for no more than the format holds', () => {
    const bare = (name: string, line: number) => frame(name, line, 0, 0, 0);
    expect(stackJudge(truth, 'line')([bare('<module>', 9), bare('outer', 2), bare('left', 6)]).kind).toBe(
      'legal',
    );
    expect(stackJudge(truth, 'line')([bare('<module>', 9), bare('outer', 3), bare('left', 6)]).kind).toBe(
      'illegal',
    );
    expect(stackJudge(truth, 'none')([bare('<module>', 0), bare('outer', 0), bare('left', 0)]).kind).toBe(
      'legal',
    );
  });

  it('leaves frames of other files alone when the truth is not strict', () => {
    const loose = stackJudge({ ...truth, strict: false, edges: [...truth.edges, [2, -1]] });
    const foreign = { ...left, file: 'json.py' };
    expect(loose([module, onLeft, left, foreign, foreign]).kind).toBe('legal');
    expect(loose([module, onLeft, left, foreign, left]).kind).toBe('illegal');
    expect(loose([module, onLeft, foreign]).kind).toBe('illegal');
  });

  it('compares file names whose bytes are not UTF-8', () => {
    const odd = {
      ...truth,
      codes: truth.codes.map((code) => ({ ...code, file: 'caf\udce9.py' })),
      files: ['caf\udce9.py'],
    };
    const asSampled = [module, onLeft].map((one) => ({ ...one, file: 'caf\ufffd\ufffd.py' }));
    expect(stackJudge(odd)(asSampled).kind).toBe('legal');
  });
});

import { describe, expect, it } from 'vitest';
import { type GivenOption, type OptionSpec, readOptions } from './option-words.js';

const SPECS: readonly OptionSpec[] = [
  { name: 'children', letters: 'C', words: ['children'], takesValue: false },
  { name: 'cpu', letters: 'cs', words: ['cpu', 'sleepless'], takesValue: false },
  { name: 'interval', letters: 'i', words: ['interval'], takesValue: true },
  { name: 'output', letters: 'o', words: ['output'], takesValue: true },
  { name: 'pipe', letters: 'P', words: ['pipe'], takesValue: false },
  { name: 'pid', letters: 'p', words: ['pid'], takesValue: true },
];

function read(...words: string[]): { options: string[]; rest: string[] } {
  const options: GivenOption[] = [];
  const reader = readOptions(words, SPECS);
  let step = reader.next();
  for (; !step.done; step = reader.next()) options.push(step.value);
  return {
    options: options.map(({ name, value }) => (value === '' ? name : `${name} ${value}`)),
    rest: step.value,
  };
}

describe('options', () => {
  it.each([
    [['-i10ms'], ['interval 10ms']],
    [['-i', '10ms'], ['interval 10ms']],
    [['-i=10ms'], ['interval 10ms']],
    [['--interval=10ms'], ['interval 10ms']],
    [['--interval', '10ms'], ['interval 10ms']],
    [['--int=10ms'], ['interval 10ms']],
    [
      ['-Ci', '10ms'],
      ['children', 'interval 10ms'],
    ],
    [['-CPi10ms'], ['children', 'pipe', 'interval 10ms']],
    [
      ['-Cp', '123'],
      ['children', 'pid 123'],
    ],
    [
      ['-s', '--sleep', '-c'],
      ['cpu', 'cpu', 'cpu'],
    ],
    [['-o-x'], ['output -x']],
    [['-o', '-'], ['output -']],
    [['--output=-x'], ['output -x']],
    [['--interval='], ['interval']],
  ])('%j', (words, options) => {
    expect(read(...words, 'python', '-P')).toEqual({ options, rest: ['python', '-P'] });
  });

  it('end at the first word that is none', () => {
    expect(read('python', 'app.py', '-i', '10ms')).toEqual({
      options: [],
      rest: ['python', 'app.py', '-i', '10ms'],
    });
    expect(read('-C', '-', '-P')).toEqual({ options: ['children'], rest: ['-', '-P'] });
    expect(read('-C')).toEqual({ options: ['children'], rest: [] });
  });

  it('end at --, which belongs to nobody', () => {
    expect(read('-C', '--', '-P', 'x', '--')).toEqual({ options: ['children'], rest: ['-P', 'x', '--'] });
  });
});

describe('refused', () => {
  it.each([
    [['-Cz'], 'invalid option `-z`'],
    [['--nothing'], 'unrecognized option `--nothing`'],
    [['--childern'], 'unrecognized option `--childern`: did you mean `--children`?'],
    [['--pi', '3'], 'option `--pi` is ambiguous: --pipe, --pid'],
    [['--c'], 'option `--c` is ambiguous: --children, --cpu'],
    [['-i'], 'option `-i` requires a value'],
    [['-i', '-C', 'python'], 'option `-i` requires a value'],
    [['--interval'], 'option `--interval` requires a value'],
    [['--children=yes'], 'option `--children` takes no value'],
  ])('%j', (words, message) => {
    expect(() => read(...words)).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_OPTION',
        kind: 'usage',
        message,
        hint: expect.stringContaining("Try `austin --help'"),
      }),
    );
  });
});

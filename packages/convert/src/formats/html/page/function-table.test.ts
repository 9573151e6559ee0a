import { expect, it } from 'vitest';
import { sortedFunctions } from './function-table.js';

const infos = ['b', 'a', 'c', 'unused'].map((name) => ({ name, file: '', line: 0, kind: 0, fn: 0 }));
const totals = { self: Float64Array.of(5, 1, 5, 0), total: Float64Array.of(5, 9, 7, 0) };

it('sorts functions with weight by any column, equals by the other', () => {
  const model = { infos, totals, isMatch: null };
  expect(sortedFunctions(model, 'self', false)).toEqual([2, 0, 1]);
  expect(sortedFunctions(model, 'total', false)).toEqual([1, 2, 0]);
  expect(sortedFunctions(model, 'total', true)).toEqual([0, 2, 1]);
  expect(sortedFunctions(model, 'name', true)).toEqual([1, 0, 2]);
});

it('leaves out what does not match', () => {
  expect(sortedFunctions({ infos, totals, isMatch: Uint8Array.of(0, 1, 0, 1) }, 'self', false)).toEqual([1]);
});

import { expect, test } from 'vitest';
import { PathRefs } from './path-refs.js';

/** Events of two, three and two bytes. */
const RUN = Uint8Array.of(5, 1, 5, 0x81, 2, 5, 3);
const ENDS = [2, 5, 7];

function remembered(depth: number): PathRefs {
  const refs = new PathRefs();
  for (let at = 0; at < depth; at++) refs.set(at, RUN, at === 0 ? 0 : ENDS[at - 1]!, ENDS[at]!);
  return refs;
}

test('tells how many of its frames a run of references begins with', () => {
  const refs = remembered(3);
  expect(refs.match(0, RUN, 0)).toBe(3);
  expect(refs.match(0, Uint8Array.of(9, ...RUN, 9), 1)).toBe(3);
  // The last event is cut, or another one.
  expect(refs.match(0, RUN.subarray(0, 6), 0)).toBe(2);
  expect(refs.match(0, Uint8Array.of(5, 1, 5, 0x82, 2), 0)).toBe(1);
  expect(refs.match(0, Uint8Array.of(5, 2), 0)).toBe(0);
  expect(refs.match(1, RUN, 2)).toBe(3);
  expect([refs.offset(2, 0), refs.offset(2, 1), refs.offset(0, 0)]).toEqual([5, 3, 0]);
});

test('a frame takes the place of those that were called from there', () => {
  const refs = remembered(3);
  refs.set(1, Uint8Array.of(0, 5, 9), 1, 3);
  expect(refs.depth).toBe(2);
  expect(refs.match(0, Uint8Array.of(5, 1, 5, 9, 5, 3), 0)).toBe(2);
  refs.cut(1);
  expect(refs.match(0, Uint8Array.of(5, 1, 5, 9), 0)).toBe(1);
  // What lies behind frames that are not remembered is not remembered either.
  refs.set(2, RUN, 0, 2);
  expect(refs.depth).toBe(1);
});

test('remembers deep paths', () => {
  const refs = new PathRefs();
  const run = new Uint8Array(4000).map((_, at) => at % 251);
  for (let depth = 0; depth < 2000; depth++) refs.set(depth, run, depth * 2, depth * 2 + 2);
  expect(refs.match(0, run, 0)).toBe(2000);
  expect(refs.match(700, run, 1400)).toBe(2000);
});

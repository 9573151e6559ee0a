import { expect, it } from 'vitest';
import { parseAnswer } from './pythons.js';

const SUPPORTED = { oldest: '3.8', newest: '3.15' };
const answer = (...lines: string[]) => parseAnswer('/bin/python3', `${lines.join('\n')}\n`, SUPPORTED);

it.each([
  ['cpython', '3.8.18', true],
  ['cpython', '3.15.0', true],
  ['cpython', '3.7.17', false],
  ['cpython', '3.16.0', false],
  ['cpython', '2.7.18', false],
  ['pypy', '3.10.14', false],
  ['unknown', '2.7.18', false],
])('%s %s is supported: %s', (implementation, version, isSupported) => {
  expect(answer(implementation, version, 'False', '/usr/bin/python')).toEqual({
    path: '/bin/python3',
    executable: '/usr/bin/python',
    implementation,
    version,
    freeThreaded: false,
    isSupported,
  });
});

it('knows free-threaded builds', () => {
  expect(answer('cpython', '3.14.0', 'True', '/usr/bin/python')).toMatchObject({ freeThreaded: true });
});

it.each([[''], ['hello'], ['cpython\n3.12'], ['cpython\n3.12.1\nFalse']])(
  'takes %j for no Python',
  (text) => {
    expect(parseAnswer('/bin/python3', text, SUPPORTED)).toBeUndefined();
  },
);

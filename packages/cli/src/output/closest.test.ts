import { expect, it } from 'vitest';
import { closest } from './closest.js';

const COMMANDS = ['record', 'where', 'convert'];

it.each([
  ['recrod', 'record'],
  ['records', 'record'],
  ['conver', 'convert'],
  ['wher', 'where'],
])('%s was meant to be %s', (word, meant) => expect(closest(word, COMMANDS)).toBe(meant));

it.each(['', 'python3', 'ls', 'app.py', 'there-is-no-such-command'])('%j was meant as it is', (word) =>
  expect(closest(word, COMMANDS)).toBeUndefined(),
);

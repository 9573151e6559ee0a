import type { Format } from '@austin-profiler/convert';
import { expect, it } from 'vitest';
import { diagnosticText, lossText } from './conversion-notes.js';

it('says what was skipped, where and how often', () => {
  const cut = { code: 'ERR_MOJO_TRUNCATED', message: 'the input ends in a frame.', offset: 90, count: 1 };
  expect(diagnosticText(cut)).toBe(
    'not everything could be read: the input ends in a frame, at byte 90 (ERR_MOJO_TRUNCATED)',
  );
  expect(diagnosticText({ code: 'ERR_X', message: 'no weight', line: 3, count: 1200 })).toBe(
    'not everything could be read: no weight, first at line 3, 1,200 times (ERR_X)',
  );
});

it('says only what is lost on this way', () => {
  const format = (id: string, loses: string[]): Format => ({
    id,
    title: id.toUpperCase(),
    extensions: [],
    mediaType: '',
    loses,
  });
  const from = format('a', ['columns']);
  expect(lossText(from, format('b', ['columns', 'thread names']))).toBe('B has no room for: thread names');
  expect(lossText(from, format('b', ['columns']))).toBeUndefined();
  expect(lossText(from, from)).toBeUndefined();
});

import { expect, it } from 'vitest';
import { createProgressLine } from './progress-line.js';
import { createWorkProgress } from './work-progress.js';

function shown(isWanted: boolean, total: number | undefined): string[] {
  const written: string[] = [];
  let time = 0;
  const line = createProgressLine(
    isWanted,
    () => 80,
    (text) => written.push(text.replace('\r\x1b[2K', '')),
  );
  const progress = createWorkProgress('reading a.mojo', total, { line, now: () => time });
  for (const [at, size] of [
    [100, 1000],
    [600, 1000],
    [650, 1000],
    [720, 1000],
  ] as const) {
    time = at;
    progress.advance(size);
  }
  progress.end();
  return written;
}

it('waits half a second, then shows what is done ten times a second, and goes', () => {
  expect(shown(true, 8000)).toEqual([
    'reading a.mojo: 25.0 % of 8.0 kB',
    'reading a.mojo: 50.0 % of 8.0 kB',
    '',
  ]);
  expect(shown(true, undefined)).toEqual(['reading a.mojo: 2.0 kB', 'reading a.mojo: 4.0 kB', '']);
});

it('shows nothing where there is no terminal', () => {
  expect(shown(false, 8000)).toEqual([]);
});

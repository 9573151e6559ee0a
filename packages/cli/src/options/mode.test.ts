import { expect, it } from 'vitest';
import { combineModes } from './mode.js';

it.each([
  [{}, 'wall'],
  [{ cpu: true }, 'cpu'],
  [{ memory: true }, 'memory'],
  [{ full: true }, 'full'],
] as const)('%j is %s', (flags, mode) => {
  expect(combineModes(flags)).toEqual({ mode });
});

it.each([
  [{ full: true, cpu: true }, 'full', '--cpu left out'],
  [{ full: true, memory: true }, 'full', '--memory left out'],
  [{ full: true, memory: true, cpu: true }, 'full', '--memory and --cpu left out'],
  [{ memory: true, cpu: true }, 'memory', '--cpu left out'],
] as const)('%j is %s, and says so', (flags, mode, words) => {
  const combined = combineModes(flags);
  expect(combined.mode).toBe(mode);
  expect(combined.ignored).toContain(words);
});

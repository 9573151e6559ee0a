import { readFileSync } from 'node:fs';

/** The counts that tools/vitest-summary.ts left, or undefined when vitest did not get to its end. */
export function vitestCounts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The counts in what core_test printed, or undefined when it did not get to its last line. */
export function nativeCounts(output) {
  const last = output.match(/^(\d+) passed, (\d+) failed$/m);
  if (!last) return undefined;
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: output.match(/^SKIP /gm)?.length ?? 0 };
}

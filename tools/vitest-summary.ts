import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends a run with `tests: N passed, N failed, N skipped`, or leaves the three numbers as JSON in the file named by
 * AUSTIN_TEST_COUNTS for scripts/test.mjs to add up. A module that does not load counts as a failure, and so does an
 * error outside of any test: both would otherwise be tests that silently did not run.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // Pending at the end of a run: its process died before it got there.
        counts[state === 'pending' ? 'failed' : state]++;
      }
    }
    const path = process.env.AUSTIN_TEST_COUNTS;
    if (path) writeFileSync(path, JSON.stringify(counts));
    else console.log(`tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}

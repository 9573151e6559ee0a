// `npm test`: static checks, the native unit tests and all tests of vitest. `--sanitize` runs the native tests with the
// address and undefined-behaviour sanitizers. Other arguments go to vitest.
// The last line is `tests: N passed, N failed, N skipped`, over the native tests and vitest's.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeCounts, vitestCounts } from './counts.mjs';
import { findPythons } from './find-pythons.mjs';
import { runStaticChecks } from './static-checks.mjs';
import { runStep, tool } from './steps.mjs';

const sanitize = process.argv.includes('--sanitize');
const vitestArgs = process.argv.slice(2).filter((arg) => arg !== '--sanitize');

const results = await runStaticChecks();
const total = { passed: 0, failed: 0, skipped: 0 };

// The native tests know no way to find interpreters; both kinds of tests run against the same ones.
const pythons = { AUSTIN_TEST_PYTHONS: await findPythons() };
const sanitizers = sanitize ? 'address,undefined' : '';
const native = await runStep({
  name: `native tests${sanitizers && ` with ${sanitizers} sanitizers`}`,
  command: 'make',
  args: ['-C', 'packages/sampler/native/test', `-j${availableParallelism()}`, `SAN=${sanitizers}`, 'run'],
  env: pythons,
});
add(native, nativeCounts(native.output));

const scratch = mkdtempSync(join(tmpdir(), 'austin-test-'));
const countsFile = join(scratch, 'counts.json');
const vitest = await runStep({
  name: 'vitest',
  command: tool('vitest'),
  args: ['run', ...vitestArgs],
  env: { ...pythons, AUSTIN_TEST_COUNTS: countsFile },
  live: true,
});
add(vitest, vitestCounts(countsFile));
rmSync(scratch, { recursive: true, force: true });

const failedSteps = results.filter((result) => !result.ok).map((result) => result.name);
if (failedSteps.length > 0) console.log(`failed steps: ${failedSteps.join('; ')}`);
console.log(`tests: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (failedSteps.length > 0 || total.failed > 0) process.exitCode = 1;

/** A step whose tests cannot be counted, because it did not get that far, has failed. */
function add(result, counts) {
  results.push(counts ? result : { ...result, ok: false });
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  total.skipped += counts?.skipped ?? 0;
}

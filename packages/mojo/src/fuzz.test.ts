import { expect, test } from 'vitest';
import { toHex } from '../testing/fixtures.js';
import { fuzzSources, mutate, readEveryWay } from '../testing/fuzz.js';
import { Random } from '../testing/random.js';

/** How many files are made and read; more than the default for whoever has the time: see CONTRIBUTING.md. */
const MUTATIONS = Number(process.env.AUSTIN_TEST_MUTATIONS ?? 15_000);

/** Where the random numbers begin. Another one tries other files. */
const SEED = Number(process.env.AUSTIN_TEST_SEED ?? 1);

/** How often the runner is given the word, so that it does not think that the test hangs. */
const BATCH = 500;

test(`${MUTATIONS} damaged files: no error but ours, nothing lost, no growth`, { timeout: 1e9 }, async () => {
  const random = new Random(SEED);
  const sources = fuzzSources();
  const outcomes = new Map<string, number>();
  for (let done = 0; done < MUTATIONS; done++) {
    const bytes = mutate(random, sources);
    try {
      const outcome = readEveryWay(random, bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (cause) {
      throw new Error(`Mutation ${done} of seed ${SEED}: ${toHex(bytes)}`, { cause });
    }
    if (done % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  // Mutations that never got past the header, or never did harm, would test nothing.
  for (const outcome of ['ok', 'ERR_MOJO_TRUNCATED', 'ERR_MOJO_UNKNOWN_EVENT', 'ERR_MOJO_UNDEFINED_FRAME']) {
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(MUTATIONS / 200);
  }
  expect(outcomes.size).toBeGreaterThan(8);
});

import { describe, expect, it } from 'vitest';
import { type Profile, SampleFlag } from '../packages/profile/dist/index.js';
import { LONG_SECONDS, SAMPLES } from './counts.js';
import { findPythons } from './pythons.js';
import { judge, record, startTruthful } from './record-helpers.js';

const pythons = await findPythons();

/** As much as a recording may hold, so that no single file grows with the number of samples asked for. */
const DURATION_US = 10_000_000;
const INTERVAL_US = 100;
const CLASSES = ['exact', 'retried', 'between', 'cut', 'invalid'];
/** How many of them are marked in the file: their stack is not whole. */
const MARKED = ['cut', 'invalid'];

describe.each(pythons)('Python 3.$version.minor', (python) => {
  it.each(['churn.py', 'exec_code.py'])(
    `${SAMPLES} samples of %s, at 10 kHz: none is false`,
    async (name) => {
      const program = await startTruthful(python.path, [name]);
      let samples = 0;
      while (samples < SAMPLES) {
        const durationUs = Math.min(DURATION_US, Math.max(100_000, (SAMPLES - samples) * INTERVAL_US));
        const { profile, result } = await record(program.pid, { intervalUs: INTERVAL_US, durationUs });
        expect(result.error).toBeUndefined();
        const { illegal, legal } = judge(profile, program.truth);
        expect(illegal).toEqual([]);
        expect(legal).toBeGreaterThan(0);
        samples += profile.samples.length;
      }
      expect(await program.finish()).toEqual({ code: 0, signal: null });
    },
    // On a machine that is busy with other things too, samples come at a tenth of the rate asked for.
    (SAMPLES * INTERVAL_US * 10) / 1_000 + 60_000,
  );

  it(
    `the counts of ${LONG_SECONDS} s at 10 kHz add up`,
    async () => {
      const program = await startTruthful(python.path, ['churn.py']);
      const durationUs = LONG_SECONDS * 1_000_000;
      const { profile, result } = await record(program.pid, { intervalUs: INTERVAL_US, durationUs });
      const { samples } = profile;
      const { statistics } = result;
      expect(result.end).toBe('duration');

      // One thread, one sample a round, and every sample in one class: in the file as in the statistics.
      const counts = countsOf(profile);
      const sumOf = (names: readonly string[]) =>
        names.reduce((total, name) => total + (counts.get(name) ?? 0), 0);
      expect(samples.length).toBeGreaterThan(0);
      expect(statistics.samples).toBe(samples.length);
      expect(statistics.rounds).toBe(samples.length);
      expect(sumOf(['rounds'])).toBe(samples.length);
      expect(sumOf(CLASSES)).toBe(samples.length);
      expect(samples.flags.filter((flags) => (flags & SampleFlag.Invalid) !== 0).length).toBe(sumOf(MARKED));

      // No time is lost, and none counted twice.
      const weight = samples.timeUs.reduce((total, timeUs) => total + timeUs, 0);
      expect(weight).toBe(statistics.durationUs);
      await program.finish();
    },
    LONG_SECONDS * 2_000 + 60_000,
  );
});

/** What the recording counted, by the names of its metadata without the `x-`. */
function countsOf({ metadata }: Profile): Map<string, number> {
  const counts = metadata.filter(({ key, value }) => key.startsWith('x-') && /^\d+$/.test(value));
  return new Map(counts.map(({ key, value }) => [key.slice(2), Number(value)]));
}

/**
 * How much of it: the defaults are small, so that the tests of every change stay quick. CONTRIBUTING.md says which numbers
 * the project promises.
 */

/** Launches per Python of programs that are over in no time. */
export const LAUNCHES = countOf('AUSTIN_TEST_LAUNCHES', 3);

/** Programs killed while they are recorded, in turns on every Python. */
export const KILLS = countOf('AUSTIN_TEST_KILLS', 16);

/** Samplers of native stacks that are killed while they stop threads. */
export const NATIVE_KILLS = countOf('AUSTIN_TEST_NATIVE_KILLS', 4);

/** Samples per Python and program that are held against the program's truth. */
export const SAMPLES = countOf('AUSTIN_TEST_SAMPLES', 5_000);

/** Seconds of the long recording, per Python. */
export const LONG_SECONDS = countOf('AUSTIN_TEST_LONG_SECONDS', 2);

/** Seconds for which a browser watches a recording. */
export const SOAK_SECONDS = countOf('AUSTIN_TEST_SOAK_SECONDS', 5);

function countOf(variable: string, usual: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return usual;
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${variable} is no whole number above 0: ${text}`);
  return Number(text);
}

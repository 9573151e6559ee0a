/**
 * Measures each item `runs` times, in turns: A B C A B C. Whatever changes on the machine meanwhile meets all alike. A
 * measurement that fails is told, makes the exit code 1, and is left out.
 *
 * @returns {Promise<Map>} per item the list of what `measure` returned
 */
export async function interleaved(items, runs, measure) {
  const results = new Map(items.map((item) => [item, []]));
  for (let run = 0; run < runs; run++) {
    for (const item of items) {
      try {
        results.get(item).push(await measure(item, run));
      } catch (error) {
        process.exitCode = 1;
        console.error(`FAILED, run ${run + 1} of ${runs}: ${error.message}`);
      }
    }
  }
  return results;
}

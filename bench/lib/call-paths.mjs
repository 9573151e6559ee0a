import { seededRandom } from './random.mjs';

const DEPTH = 25;
const SPREAD = 6;
const FUNCTIONS = 800;

/**
 * Call paths as a program takes them one after the other: some inner calls return, others are made. Each is a list of numbers of
 * functions from the outermost on, and none is there twice.
 *
 * @param seed the same makes the same paths
 */
export function callPaths(seed) {
  const random = seededRandom(seed);
  const seen = new Set();
  let path = [];
  return {
    random,
    /** Another path. */
    next() {
      for (;;) {
        path = path.slice(0, Math.max(1, path.length - random(SPREAD + 1)));
        const wanted = DEPTH - SPREAD + random(2 * SPREAD + 1);
        while (path.length < wanted) path.push((path.length * 13 + random(6)) % FUNCTIONS);
        const key = path.join();
        if (seen.has(key)) continue;
        seen.add(key);
        return path.slice();
      }
    },
  };
}

export function functionName(fn) {
  return `Class${fn % 17}.function_${fn}`;
}

export function fileName(fn) {
  return `/srv/app/package_${fn % 23}/module_${fn % 7}.py`;
}

import { sum } from './statistics.mjs';

/** What our sampler says of its samples, in its metadata: each is in exactly one of these classes. */
export const CLASSES = ['exact', 'retried', 'between', 'cut', 'invalid'];

/** Those that a recording marks: their stack is not whole. */
export const MARKED = ['cut', 'invalid'];

/** The sum of some classes over several recordings. `counts` is what `readMojoRecording` found in one's metadata. */
export function countOf(classes, recordings) {
  return sum(recordings.flatMap(({ counts }) => classes.map((name) => counts[name] ?? 0)));
}

/** How often attempts to read a stack failed, by reason, the most frequent first: [[reason, times], ...]. */
export function failedAttempts(recordings) {
  const times = new Map();
  for (const { counts } of recordings) {
    for (const [key, value] of Object.entries(counts)) {
      const reason = /^attempts-failed:(.+)$/.exec(key)?.[1];
      if (reason) times.set(reason, (times.get(reason) ?? 0) + value);
    }
  }
  return [...times].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The kernel tells these times in hundredths of a second, whatever its own tick is. */
const TICKS_PER_SECOND = 100;
const HAS_NANOSECONDS = existsSync('/proc/self/schedstat');

/**
 * Starts a clock of a process's CPU time: the function returned tells the seconds used since then, by the threads that
 * still live. It tells undefined where there is no /proc, or no process any more.
 */
export function cpuClock(pid) {
  const before = secondsByThread(pid);
  return () => {
    const now = secondsByThread(pid);
    if (!before || !now) return undefined;
    let total = 0;
    for (const [thread, seconds] of now) total += seconds - (before.get(thread) ?? 0);
    return total;
  };
}

function secondsByThread(pid) {
  try {
    if (!HAS_NANOSECONDS) return new Map([['all', tickedSeconds(pid)]]);
    const threads = readdirSync(`/proc/${pid}/task`);
    return new Map(threads.flatMap((tid) => measured(tid, `/proc/${pid}/task/${tid}/schedstat`)));
  } catch {
    return undefined;
  }
}

function measured(tid, path) {
  try {
    return [[tid, Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e9]];
  } catch {
    return []; // it has just ended
  }
}

function tickedSeconds(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name, can contain anything; the last parenthesis ends it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

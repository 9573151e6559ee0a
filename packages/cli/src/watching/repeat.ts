import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `show` again and again, `intervalMs` from one beginning to the next, until it answers false or a signal asks to end.
 *
 * @param signals that end it; each one means what Ctrl-C does
 */
export async function repeat(
  show: (signal: AbortSignal) => Promise<boolean>,
  intervalMs: number,
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): Promise<void> {
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of signals) process.on(signal, end);
  try {
    while (!ending.signal.aborted) {
      const begin = performance.now();
      if (!(await show(ending.signal))) return;
      await delay(Math.max(0, begin + intervalMs - performance.now()), undefined, { signal: ending.signal });
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

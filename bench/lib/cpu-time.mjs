import { readFileSync } from 'node:fs';

/** The kernel tells these times in hundredths of a second, whatever its own tick is. */
const TICKS_PER_SECOND = 100;

/** CPU time a process has used so far, in seconds; undefined where there is no /proc. */
export function cpuSeconds(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field, the name, can contain anything; the last parenthesis ends it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]].map(Number);
  return (user + system) / TICKS_PER_SECOND;
}

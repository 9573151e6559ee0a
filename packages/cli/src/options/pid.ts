import { AustinError } from '@austin-profiler/profile';

/** The largest pid Linux can be set to hand out (2^22). */
const MAX_PID = 4_194_304;

/** A process id as the shell and `ps` write it. */
export function parsePid(text: string): number {
  const pid = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (pid < 1 || pid > MAX_PID) {
    throw new AustinError('ERR_USAGE_PID', `\`${text}\` is not a process id: expected a number from 1`, {
      kind: 'usage',
      hint: 'find it with `pgrep -af python`',
    });
  }
  return pid;
}

import { AustinError } from '@austin-profiler/profile';

/** Options of the classic `austin` that `record` knows by name and cannot do yet. */
export const NOT_BUILT = [
  {
    name: 'children',
    flags: '-C, --children',
    instead: 'record each process by itself with `austin record -p PID`',
  },
  { name: 'memory', flags: '-m, --memory', instead: 'leave it out to record wall time' },
  { name: 'full', flags: '-f, --full', instead: 'leave it out to record wall time' },
  {
    name: 'cpu',
    flags: '-c, --cpu',
    instead: 'leave it out to record wall time, in which waiting counts like computing',
  },
  {
    name: 'gc',
    flags: '-g, --gc',
    instead: 'leave it out; a collection then counts for the function in which it started',
  },
] as const;

/** Refuses the first option given that is not built yet. */
export function refuseNotBuilt(options: Readonly<Record<string, unknown>>): void {
  for (const { name, instead } of NOT_BUILT) {
    if (options[name] !== true) continue;
    throw new AustinError('ERR_USAGE_NOT_BUILT', `\`--${name}\` is not built yet: ${instead}`, {
      kind: 'usage',
    });
  }
}

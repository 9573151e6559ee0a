import { AustinError } from '@austin-profiler/profile';

/** How many rows to show: `20`; 0 is all of them. */
export function parseTop(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AustinError('ERR_USAGE_TOP', `\`--top ${text}\` cannot be used: expected a number of rows`, {
    kind: 'usage',
    hint: 'write for example `20`, or `0` for all of them',
  });
}

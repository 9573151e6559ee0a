import { AustinError } from '@austin-profiler/profile';

/** A share of one CPU: `2`, `0.5`, `10%`; from 0.1 to 100. */
export function parseMaxCpu(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(text);
  const percent = Number(match?.[1]);
  if (percent >= 0.1 && percent <= 100) return percent;
  throw new AustinError(
    'ERR_USAGE_MAX_CPU',
    `\`--max-cpu ${text}\` cannot be used: it is no share of a CPU`,
    {
      kind: 'usage',
      hint: 'write the percent of one CPU, from 0.1 to 100: `2`',
    },
  );
}

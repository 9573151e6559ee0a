import type { ProfileHead } from '../../format.js';
import { WEIGHT_UNIT_KEY } from '../../weights.js';
import type { Facts } from './page/payload.js';

/** Keys with an entry per mapped file or per thread: too many to read, and shown elsewhere or of no use here. */
const BULKY = /^(?:map$|x-module:|x-thread-)/;

/** Samples, and those of them whose stack could not be read whole. */
export interface SampleCounts {
  readonly samples: number;
  readonly invalid: number;
}

/** Where a profile comes from and how far it can be trusted. */
export function factsOf(head: ProfileHead, { samples, invalid }: SampleCounts): Facts {
  const value = (key: string): string | undefined =>
    head.metadata.findLast((entry) => entry.key === key)?.value;
  const isCounts = value(WEIGHT_UNIT_KEY) === 'count';
  const command = commandLine(value('x-command')) ?? value('command');
  const python = value('python');
  const sampler = value('austin');
  const durationUs = numberOf(value('duration'));
  const intervalUs = numberOf(value('interval'));
  const reported = /^(\d+)\/(\d+)$/.exec(value('errors') ?? '');
  const differs = reported && Number(reported[1]) !== invalid;
  return {
    ...(command === undefined ? {} : { command }),
    ...(python === undefined ? {} : { python }),
    ...(sampler === undefined ? {} : { sampler }),
    ...(durationUs === undefined ? {} : { durationUs }),
    ...(intervalUs === undefined ? {} : { intervalUs }),
    mode: isCounts && value('mode') === undefined ? 'unknown' : head.mode,
    samples,
    invalid,
    ...(differs ? { reported: { invalid: Number(reported[1]), total: Number(reported[2]) } } : {}),
    metadata: [...lastValues(head)],
    notes: head.diagnostics.map(({ message, count }) => ({ message, count })),
  };
}

/** The words of `x-command`, a JSON array, as one reads them; the text itself where it is something else. */
function commandLine(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    if (!Array.isArray(words)) return text;
    return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  } catch {
    return text; // written by somebody else
  }
}

function lastValues({ metadata }: ProfileHead): Map<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of metadata) if (!BULKY.test(key)) values.set(key, value);
  return values;
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

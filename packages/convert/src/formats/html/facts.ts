import { metadataValue, type Profile, SampleFlag } from '@austin-profiler/profile';
import { countsSamples } from '../../weights.js';
import type { Facts } from './page/payload.js';

/** Keys with an entry per mapped file or per thread: too many to read, and shown elsewhere or of no use here. */
const BULKY = /^(?:map$|x-thread-)/;

/** Where a profile comes from and how far it can be trusted. */
export function factsOf(profile: Profile): Facts {
  const { samples } = profile;
  const isCounts = countsSamples(profile);
  let all = 0;
  let invalid = 0;
  for (let i = 0; i < samples.length; i++) {
    const count = isCounts ? Math.max(samples.timeUs[i]!, 0) : 1;
    all += count;
    if (samples.flags[i]! & SampleFlag.Invalid) invalid += count;
  }
  const command = commandLine(metadataValue(profile, 'x-command')) ?? metadataValue(profile, 'command');
  const python = metadataValue(profile, 'python');
  const sampler = metadataValue(profile, 'austin');
  const durationUs = numberOf(metadataValue(profile, 'duration'));
  const intervalUs = numberOf(metadataValue(profile, 'interval'));
  const reported = /^(\d+)\/(\d+)$/.exec(metadataValue(profile, 'errors') ?? '');
  const differs = reported && Number(reported[1]) !== invalid;
  return {
    ...(command === undefined ? {} : { command }),
    ...(python === undefined ? {} : { python }),
    ...(sampler === undefined ? {} : { sampler }),
    ...(durationUs === undefined ? {} : { durationUs }),
    ...(intervalUs === undefined ? {} : { intervalUs }),
    mode: isCounts && metadataValue(profile, 'mode') === undefined ? 'unknown' : profile.mode,
    samples: all,
    invalid,
    ...(differs ? { reported: { invalid: Number(reported[1]), total: Number(reported[2]) } } : {}),
    metadata: [...lastValues(profile)],
    notes: profile.diagnostics.map(({ message, count }) => ({ message, count })),
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

function lastValues(profile: Profile): Map<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of profile.metadata) if (!BULKY.test(key)) values.set(key, value);
  return values;
}

function numberOf(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

import type { InspectedEvent } from '@austin-profiler/mojo';
import { type Inspected, isDamaged } from './inspect.js';

/** An event as a line of JSON. Integers beyond 2^53 are texts. */
export function eventJson({ event, sample, text, problems }: InspectedEvent): string {
  const { offset, size, type, ...fields } = event;
  const document = { offset, size, sample, type, fields, text, ...(problems.length > 0 && { problems }) };
  return JSON.stringify(document, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  });
}

/** What a file is made of, and what is wrong with it, as the JSON document of `austin inspect --json`. */
export function inspectionJson(found: Inspected): object {
  const { inspection, findings, findingCount, packing } = found;
  const { version, bytes, samples, shares, diagnostics, damage } = inspection;
  return {
    version,
    bytes,
    samples,
    events: shares,
    isDamaged: isDamaged(found),
    diagnostics: [...packing, ...diagnostics],
    problemCount: findingCount,
    problems: findings.map(({ event, sample, text, problems }) => ({
      offset: event.offset,
      size: event.size,
      sample,
      text,
      problems,
    })),
    ...(damage && {
      damage: {
        code: damage.diagnostic.code,
        message: damage.diagnostic.message,
        offset: damage.offset,
        ...(damage.lastEvent && {
          lastEvent: { offset: damage.lastEvent.offset, size: damage.lastEvent.size },
        }),
        contextOffset: damage.contextOffset,
        context: Buffer.from(damage.context).toString('hex'),
      },
    }),
  };
}

import { readFileSync, writeFileSync } from 'node:fs';
import { isAustinError } from '@austin-profiler/profile';
import { describe, expect, test } from 'vitest';
// @ts-expect-error a plain script: it has no types
import { bytesOf, FIXTURES } from '../../../fixtures/mojo/make.mjs';
import {
  describeDiagnostics,
  describeMetadata,
  describeSamples,
  readProfile,
} from '../testing/describe-profile.js';
import { fixtureNames, goldenPath, readFixture } from '../testing/fixtures.js';
import { decodeMojo } from './decode.js';

/** Golden files are written by `UPDATE_GOLDEN=1 npx vitest run packages/mojo` only, and reviewed as code. */
const isUpdate = process.env.UPDATE_GOLDEN === '1';

test('the fixtures are what make.mjs writes', () => {
  expect(fixtureNames()).toEqual(Object.keys(FIXTURES).sort());
  for (const name of fixtureNames()) expect(readFixture(name), name).toEqual(bytesOf(FIXTURES[name]));
});

describe('golden files', () => {
  test.each(fixtureNames())('%s', (name) => {
    const seen = `${JSON.stringify(describeFixture(readFixture(name)), null, 2)}\n`;
    if (isUpdate) writeFileSync(goldenPath(name), seen);
    expect(seen).toBe(readFileSync(goldenPath(name), 'utf8'));
  });
});

/** All that readers say of a file: events, samples, and how a strict reader ends. */
function describeFixture(bytes: Uint8Array): unknown {
  const strict = outcome(() => {
    readProfile([bytes], { strict: true });
    return 'ok';
  });
  return outcome(() => {
    const { version, events } = decodeMojo(bytes);
    const profile = readProfile([bytes]);
    return {
      version,
      mode: profile.mode,
      metadata: describeMetadata(profile),
      samples: describeSamples(profile),
      diagnostics: profile.diagnostics.map(
        ({ message }, i) => `${describeDiagnostics(profile)[i]}: ${message}`,
      ),
      strict,
      events: events.map(({ offset, size, type, ...fields }) => {
        const values = Object.entries(fields).map(([field, value]) => `${field}=${showValue(value)}`);
        return [`${offset}+${size}`, type, ...values].join(' ');
      }),
    };
  });
}

function showValue(value: unknown): string {
  if (value instanceof Uint8Array) return `<${Array.from(value, (byte) => byte.toString(16)).join(' ')}>`;
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

function outcome<T>(read: () => T): T | { code: string; offset: number | undefined; message: string } {
  try {
    return read();
  } catch (error) {
    if (!isAustinError(error)) throw error;
    return { code: error.code, offset: error.offset, message: error.message };
  }
}

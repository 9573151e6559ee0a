import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  describeDiagnostics,
  describeMetadata,
  describeSamples,
  readProfile,
} from '../testing/describe-profile.js';
import { decodeMojo } from './decode.js';
import { encodeMojo } from './encode.js';
import type { MojoEvent } from './events.js';

// What the native sampler's recorder writes, and its own account of the events. Both are checked against the recorder
// by the native tests, which also write them anew: see mojo_recorder_test.cc.
const FOLDER = new URL('../../../fixtures/mojo/native-vectors/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((file) => file.endsWith('.mojo'));

const isUpdate = process.env.UPDATE_GOLDEN === '1';

test('there are vectors', () => {
  expect(NAMES.length).toBeGreaterThan(2);
});

describe.each(NAMES)('%s', (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(name, FOLDER)));

  test('has the events that the recorder wrote', () => {
    const { version, events } = decodeMojo(bytes);
    const lines = [`header ${version}`, ...events.map(describeEvent)];
    const expected = readFileSync(new URL(`${name}.events.txt`, FOLDER), 'latin1');
    expect(`${lines.join('\n')}\n`).toBe(expected);
  });

  test('is the same file after decoding and encoding', () => {
    const { version, events } = decodeMojo(bytes);
    expect(encodeMojo(events, version)).toEqual(bytes);
  });

  test('has the samples of the golden file, to a strict reader too', () => {
    const profile = readProfile([bytes], { strict: true });
    const seen = JSON.stringify(
      {
        mode: profile.mode,
        metadata: describeMetadata(profile),
        samples: describeSamples(profile),
        diagnostics: describeDiagnostics(profile),
      },
      null,
      2,
    );
    const golden = new URL(`${name}.golden.json`, FOLDER);
    if (isUpdate) writeFileSync(golden, `${seen}\n`);
    expect(`${seen}\n`).toBe(readFileSync(golden, 'utf8'));
  });
});

/** An event as the native tests describe it; texts are bytes in Latin-1. */
function describeEvent(event: MojoEvent): string {
  switch (event.type) {
    case 'metadata':
      return `metadata ${raw(event.key, event.keyBytes)} ${raw(event.value, event.valueBytes)}`;
    case 'stack':
      return `stack ${event.pid} ${event.iid} ${event.thread}`;
    case 'string':
      return `string ${event.key} ${raw(event.value, event.valueBytes)}`;
    case 'frame': {
      const { key, file, scope, line, lineEnd, column, columnEnd } = event;
      return `frame ${[key, file, scope, line, lineEnd, column, columnEnd].join(' ')}`;
    }
    case 'frame-ref':
      return `ref ${event.key}`;
    case 'frame-invalid':
      return 'invalid';
    case 'stack-repeat':
      return 'repeat';
    case 'metric-time':
      return `time ${event.value}`;
    case 'gc':
      return 'gc';
    case 'idle':
      return 'idle';
    case 'metric-memory':
      return `memory ${event.value}`;
    case 'frame-kernel':
    case 'string-ref':
    case 'task-stack':
    case 'task-waiter':
      // The native writer has no such events.
      return `unknown event ${event.type}`;
  }
}

function raw(text: string, bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? Buffer.from(text)).toString('latin1');
}

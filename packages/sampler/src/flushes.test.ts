import { expect, it } from 'vitest';
import { SamplerError } from './errors.js';
import { createFlushes } from './flushes.js';

const statistics = { bytes: 99 };
const done = Promise.resolve();
const footer = Uint8Array.of(7);

it('asks with growing ids, and one answer may be for several', async () => {
  const flushes = createFlushes();
  const ids: number[] = [];
  const asked = [1, 2, 3].map(() => flushes.ask((id) => ids.push(id)));
  expect(ids).toEqual([1, 2, 3]);
  flushes.reached(2, { bytes: 10, footer }, done);
  expect(await Promise.all(asked.slice(0, 2))).toEqual([
    { bytes: 10, footer },
    { bytes: 10, footer },
  ]);
  flushes.reached(3, { bytes: 20, footer }, done);
  expect(await asked[2]).toEqual({ bytes: 20, footer });
});

it('answers when the chunks have been dealt with', async () => {
  const flushes = createFlushes();
  const asked = flushes.ask(() => {});
  flushes.reached(1, { bytes: 1, footer }, Promise.reject(new Error('no space')));
  await expect(asked).rejects.toThrow('no space');
});

it('is answered by the end of the recording, before and after it', async () => {
  const flushes = createFlushes();
  const before = flushes.ask(() => {});
  flushes.over({ statistics });
  const after = flushes.ask(() => expect.unreachable());
  for (const asked of [before, after]) expect(await asked).toEqual({ bytes: 99, footer: new Uint8Array(0) });
});

it('rejects with the error of a recording that failed', async () => {
  const flushes = createFlushes();
  const asked = flushes.ask(() => {});
  const error = new SamplerError('ERR_OUTPUT_WRITE', 'no space');
  flushes.over({ statistics, error });
  await expect(asked).rejects.toBe(error);
});

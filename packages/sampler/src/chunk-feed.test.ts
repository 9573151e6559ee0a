import { expect, it } from 'vitest';
import { type ChunkListener, createChunkFeed } from './chunk-feed.js';

/** A feed, and what it told the sampler. */
function feedTo(listener: ChunkListener | undefined) {
  const told: string[] = [];
  const feed = createChunkFeed(listener, {
    done: () => told.push('done'),
    failed: () => told.push('failed'),
  });
  return { feed, told };
}

const bytes = Uint8Array.of(1);

it('hands chunks on in order, with where files start', async () => {
  const heard: unknown[] = [];
  const { feed, told } = feedTo((chunk, info) => void heard.push([...chunk, info.startsFile]));
  feed.push(Uint8Array.of(1), true);
  feed.push(Uint8Array.of(2), false);
  await feed.settled();
  expect(heard).toEqual([
    [1, true],
    [2, false],
  ]);
  expect(told).toEqual(['done', 'done']);
});

it('settles when every promise has', async () => {
  const open: (() => void)[] = [];
  const { feed, told } = feedTo(() => new Promise<void>((resolve) => open.push(resolve)));
  for (let i = 0; i < 3; i++) feed.push(bytes, i === 0);
  let isSettled = false;
  const settled = feed.settled().then(() => {
    isSettled = true;
  });
  for (const [at, resolve] of open.toReversed().entries()) {
    expect(isSettled).toBe(false);
    expect(told.length).toBe(at);
    resolve();
    await new Promise(setImmediate);
  }
  await settled;
  expect(told).toEqual(['done', 'done', 'done']);
});

it.each<[string, ChunkListener]>([
  [
    'throws',
    () => {
      throw new Error('no space');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no space'))],
])('tells once that the listener %s, and stops giving it chunks', async (_, fail) => {
  let calls = 0;
  const { feed, told } = feedTo((chunk, info) => {
    calls++;
    return fail(chunk, info);
  });
  feed.push(bytes, true);
  await expect(feed.settled()).rejects.toThrow('no space');
  feed.push(bytes, false);
  await expect(feed.settled()).rejects.toThrow('no space');
  expect(calls).toBe(1);
  expect(told.toSorted()).toEqual(['done', 'done', 'failed']);
});

it('needs no listener', async () => {
  const { feed } = feedTo(undefined);
  feed.push(bytes, true);
  await feed.settled();
});

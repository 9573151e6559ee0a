import { describe, expect, it } from 'vitest';
import { ChunkQueue } from './chunk-queue.js';

const bytes = (...values: number[]) => Uint8Array.from(values);
const DONE = { done: true, value: undefined };

/** Whether a promise is fulfilled by now. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  const pending = Symbol();
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('ChunkQueue', () => {
  it('holds the writer until the reader has taken the chunk', async () => {
    const queue = new ChunkQueue();
    const taken = queue.push(bytes(1));
    expect(await isSettled(taken)).toBe(false);
    expect(await queue.next()).toEqual({ done: false, value: bytes(1) });
    await taken;
  });

  it('does not hold the writer while a reader waits', async () => {
    const queue = new ChunkQueue();
    const [first, second] = [queue.next(), queue.next()];
    expect(queue.push(bytes(1))).toBeUndefined();
    expect(queue.push(bytes(2))).toBeUndefined();
    expect([(await first).value, (await second).value]).toEqual([bytes(1), bytes(2)]);
  });

  it('gives what is there before the end', async () => {
    const queue = new ChunkQueue();
    void queue.push(bytes(1));
    void queue.push(bytes(2));
    queue.close();
    expect((await queue.next()).value).toEqual(bytes(1));
    expect((await queue.next()).value).toEqual(bytes(2));
    expect(await queue.next()).toEqual(DONE);
    expect(await queue.next()).toEqual(DONE);
    expect(queue.push(bytes(3))).toBeUndefined();
    expect(await queue.next()).toEqual(DONE);
  });

  it('gives what is there before the failure, which it tells once', async () => {
    const queue = new ChunkQueue();
    void queue.push(bytes(1));
    queue.close({ error: 'broken' });
    queue.close({ error: 'again' });
    expect((await queue.next()).value).toEqual(bytes(1));
    await expect(queue.next()).rejects.toBe('broken');
    expect(await queue.next()).toEqual(DONE);
  });

  it('ends readers that wait', async () => {
    const queue = new ChunkQueue();
    const [first, second] = [queue.next(), queue.next()];
    queue.close({ error: 'broken' });
    await expect(first).rejects.toBe('broken');
    expect(await second).toEqual(DONE);
  });

  it('keeps chunks and lets go of the writer once they may pass', async () => {
    const queue = new ChunkQueue();
    const taken = queue.push(bytes(1));
    queue.letPass();
    await taken;
    expect(queue.push(bytes(2))).toBeUndefined();
    queue.close();
    expect((await queue.next()).value).toEqual(bytes(1));
    expect((await queue.next()).value).toEqual(bytes(2));
    expect(await queue.next()).toEqual(DONE);
  });

  it('lets go of the writer when it is discarded', async () => {
    const queue = new ChunkQueue();
    const taken = queue.push(bytes(1));
    queue.discard();
    await taken;
    expect(await queue.next()).toEqual(DONE);
  });
});

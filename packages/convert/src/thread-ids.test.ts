import type { ThreadId } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { contents, profileOf, py } from './testing/profiles.js';
import { threadIds, threadIdText, threadsInOrder, withHexThreadIds } from './thread-ids.js';

const frames = [py('m.py', 'f', 1)];
const withThreads = (metadata: Record<string, string>, ...tids: string[]) =>
  profileOf(
    metadata,
    tids.map((tid) => ({ frames, tid, timeUs: 1 })),
  );

describe('thread ids', () => {
  it.each([
    [{}, ['12c', 'ff'], 'hex'],
    [{}, ['12c', 'MainThread'], 'name'],
    [{}, ['12C'], 'name'],
    [{ austin: '4.0.0' }, ['face'], 'hex'],
    [{ austin: '4.1.0' }, ['face'], 'name'],
    [{ austin: '10.0.0' }, ['face'], 'name'],
    [{ austin: '4.1.0', 'x-thread-start:1:0:face': '5' }, ['face'], 'hex'],
    [{ 'x-thread-ids': 'decimal' }, ['12'], 'decimal'],
    [{ 'x-thread-ids': 'hex' }, ['12', 'Main'], 'hex'],
  ])('%j with threads %j are %s', (metadata, tids, expected) => {
    expect(threadIds(withThreads(metadata as Record<string, string>, ...tids))).toBe(expected);
  });

  it('keeps ids beyond 2^53 exact', () => {
    expect(threadIdText(withThreads({}, '7fffffffffffffff'))('7fffffffffffffff')).toBe('9223372036854775807');
  });

  it('orders by number, ids before names, no interpreter before the first', () => {
    const profile = profileOf({ 'x-thread-ids': 'decimal' }, [
      { pid: 2, tid: '1' },
      { pid: 1, tid: 'b' },
      { pid: 1, tid: '10' },
      { pid: 1, tid: '9' },
      { pid: 1, tid: 'a' },
      { pid: 1, iid: null, tid: '99' },
    ]);
    const order = threadsInOrder(profile).map((id) => profile.tables.thread(id as ThreadId));
    expect(order.map(({ pid, iid, tid }) => `${pid}:${iid}:${tid}`)).toEqual([
      '1:null:99',
      '1:0:9',
      '1:0:10',
      '1:0:a',
      '1:0:b',
      '2:0:1',
    ]);
  });

  it('become hex for MOJO, in metadata too, and nothing else changes', () => {
    const name = { 'x-thread-name:1:0:300': 'Main' };
    const decimal = withThreads({ 'x-thread-ids': 'decimal', ...name }, '300', '301', '300');
    const hex = withThreads({ 'x-thread-name:1:0:12c': 'Main' }, '12c', '12d', '12c');
    expect(contents(withHexThreadIds(decimal))).toEqual(contents(hex));
    const named = withThreads({ 'x-thread-ids': 'decimal' }, '300', 'worker');
    expect(withHexThreadIds(named)).toBe(named);
  });
});

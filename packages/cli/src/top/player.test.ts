import { CELL_LIMITS, LiveProfile } from '@austin-profiler/convert';
import { EMPTY_STACK, type Profile, ProfileBuilder, summarize } from '@austin-profiler/profile';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Player } from './player.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Ten seconds of one sample each: five of `first`, five of `second`; and a thread for the last three of them. */
function recording(live: LiveProfile, mode = 'wall'): Profile {
  const builder = new ProfileBuilder(live.tables);
  const { tables } = builder;
  builder.addMetadata('mode', mode);
  const stack = (name: string) =>
    tables.internStack(
      EMPTY_STACK,
      tables.internFrame(tables.internFunction(tables.internString(name), tables.internString('a.py')), 1),
    );
  const [main, late] = ['1', '2'].map((tid) => tables.internThread(1, 0, tid));
  for (let i = 0; i < 10; i++) builder.addSample(stack(i < 5 ? 'first' : 'second'), main!, 1e6, 0, 0);
  // As formats have it that write one thread after the other.
  builder.addMetadata('x-thread-start:1:0:2', '8000000');
  for (let i = 0; i < 3; i++) builder.addSample(stack('late'), late!, 1e6, 0, 0);
  builder.addMetadata('duration', '10000000');
  return builder.build();
}

function playing(mode?: string) {
  const live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
  const whole = recording(live, mode);
  for (let row = 0; row < whole.samples.length; row++) live.addRow(whole.samples, row);
  const seen = { changes: 0, failures: [] as unknown[] };
  const player = new Player({
    live,
    load: () => Promise.resolve(whole),
    onChange: () => {
      seen.changes++;
    },
    onFailure: (error) => seen.failures.push(error),
  });
  const seconds = (): Record<string, number> => {
    const profile = live.profile();
    const { functions } = summarize(profile, { metric: 'wall' });
    return Object.fromEntries(
      functions.map(({ fn, self }) => [live.tables.string(live.tables.functionName(fn)), self / 1e6]),
    );
  };
  return { live, player, seen, seconds };
}

describe('a recording', () => {
  it('is all there until it is played, and then at the pace at which it was made', async () => {
    const { player, seconds } = playing();
    expect(player.facts).toBeUndefined();
    expect(seconds()).toEqual({ first: 5, second: 5, late: 3 });
    await player.do('toggle');
    expect(player.facts).toEqual({ isPlaying: true, positionUs: 0, durationUs: 10e6, speed: 1 });
    expect(seconds()).toEqual({});
    vi.advanceTimersByTime(3050);
    expect(seconds()).toEqual({ first: 3 });
    vi.advanceTimersByTime(5000);
    expect(seconds()).toEqual({ first: 5, second: 3, late: 1 });
    vi.advanceTimersByTime(5000);
    expect(seconds()).toEqual({ first: 5, second: 5, late: 3 });
    expect(player.facts).toMatchObject({ isPlaying: false, positionUs: 10e6 });
  });

  it('stands still when it is paused, and goes on from there', async () => {
    const { player, seconds, seen } = playing();
    await player.play(1);
    vi.advanceTimersByTime(2050);
    await player.do('toggle');
    const { changes } = seen;
    vi.advanceTimersByTime(5000);
    expect(seconds()).toEqual({ first: 2 });
    expect(seen.changes).toBe(changes);
    await player.do('toggle');
    vi.advanceTimersByTime(1000);
    expect(seconds()).toEqual({ first: 3 });
  });

  it('is played faster and slower, within limits', async () => {
    const { player, seconds } = playing();
    await player.play(2);
    vi.advanceTimersByTime(2050);
    expect(seconds()).toEqual({ first: 4 });
    await player.do('slower');
    await player.do('slower');
    expect(player.facts?.speed).toBe(0.5);
    vi.advanceTimersByTime(2000);
    expect(seconds()).toEqual({ first: 5 });
    for (let i = 0; i < 20; i++) await player.do('slower');
    expect(player.facts?.speed).toBe(0.125);
    for (let i = 0; i < 20; i++) await player.do('faster');
    expect(player.facts?.speed).toBe(64);
  });

  it('goes to any moment, forwards and back', async () => {
    const { player, seconds, live } = playing();
    await player.do('begin');
    expect(seconds()).toEqual({});
    for (let i = 0; i < 12; i++) await player.do('forward');
    expect(player.facts).toMatchObject({ isPlaying: false, positionUs: 6e6 });
    expect(seconds()).toEqual({ first: 5, second: 1 });
    for (let i = 0; i < 4; i++) await player.do('back');
    expect(seconds()).toEqual({ first: 4 });
    await player.do('end');
    expect(seconds()).toEqual({ first: 5, second: 5, late: 3 });
    expect(live.counts.samples).toBe(13);
    await player.do('toggle');
    expect(player.facts).toMatchObject({ isPlaying: true, positionUs: 0 });
  });

  it('without a time line cannot be played, and stays as it is', async () => {
    const { player, seconds, seen } = playing('cpu');
    await player.do('toggle');
    await player.do('toggle');
    expect(player.facts).toBeUndefined();
    const failure = expect.objectContaining({ code: 'ERR_NO_TIME_LINE' }) as unknown;
    expect(seen.failures).toEqual([failure, failure]);
    expect(seconds()).toEqual({ first: 5, second: 5, late: 3 });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveScene } from '../testing/live-scene.js';
import { ScreenDouble } from '../testing/screen-double.js';
import { type Display, openTop, type Top, type TopSource } from './app.js';
import type { TopFacts } from './facts.js';
import { cellWidth } from './screen/text.js';
import { InputParser } from './terminal/input-parser.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A view on a terminal that takes each frame when `takes` says so. */
function opened(
  options: {
    source?: Partial<TopSource>;
    takes?: () => Promise<void>;
    refreshMs?: number;
    saveStats?: () => Promise<string>;
  } = {},
) {
  const scene = liveScene();
  const screen = new ScreenDouble(80, 20);
  const seen = { writes: 0, suspended: 0, quit: 0 };
  let facts: TopFacts = { title: 'app', phase: 'live' };
  let cpuMs = 0;
  const display: Display = {
    depth: 'none',
    size: () => ({ columns: 80, rows: 20 }),
    write(text) {
      seen.writes++;
      screen.write(text, cellWidth);
      return options.takes?.() ?? Promise.resolve();
    },
    suspend: () => {
      seen.suspended++;
    },
  };
  const top: Top = openTop(
    {
      live: scene.live,
      facts: () => facts,
      save: () => Promise.resolve('wrote it'),
      readSource: () => ({ problem: 'none' }),
      quit: () => {
        seen.quit++;
      },
      ...options.source,
    },
    display,
    {
      cpuMs: () => (cpuMs += options.refreshMs ?? 0),
      classic: options.saveStats && { saveStats: options.saveStats },
    },
  );
  return {
    ...scene,
    top,
    seen,
    type: (text: string) => top.onInput(new InputParser().push(text)),
    setFacts: (next: TopFacts) => {
      facts = next;
    },
    text: () =>
      Array.from({ length: 20 }, (_, y) =>
        Array.from({ length: 80 }, (_, x) => screen.text(x, y)).join(''),
      ).join('\n'),
  };
}

describe('a running view', () => {
  it('is there at once, and shows what comes ten times a second at most', async () => {
    const { top, add, text, seen } = opened();
    expect(text()).toContain('no sample yet');
    add('main work', 5);
    top.notify();
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('work');
    const before = seen.writes;
    for (let i = 0; i < 100; i++) {
      add('main work');
      top.notify();
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(seen.writes - before).toBeLessThanOrEqual(12);
    expect(seen.writes - before).toBeGreaterThan(5);
    await vi.advanceTimersByTimeAsync(200);
    expect(text()).toContain('105 samples');
    await top.close();
  });

  it('shows it less often where that is expensive', async () => {
    const { top, add, seen } = opened({ refreshMs: 40 });
    for (let i = 0; i < 100; i++) {
      add('main work');
      top.notify();
      await vi.advanceTimersByTimeAsync(100);
    }
    // 40 ms of work every other second, in ten seconds.
    expect(seen.writes).toBeLessThanOrEqual(9);
    expect(seen.writes).toBeGreaterThan(4);
    await top.close();
  });

  it('writes nothing while nothing changes', async () => {
    const { top, seen } = opened();
    await vi.advanceTimersByTimeAsync(5000);
    expect(seen.writes).toBe(1);
    await top.close();
  });

  it('answers keys at once', async () => {
    const { top, add, type, text } = opened();
    add('main work', 5);
    top.notify();
    await vi.advanceTimersByTimeAsync(1);
    type('3');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('who calls whom');
    // Each key finds what the one before has left.
    type('1/wor\r');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('/wor');
    await top.close();
  });

  it('stands still while paused, in every view, and then catches up', async () => {
    const { top, add, type, text } = opened();
    add('main work', 5);
    top.notify();
    await vi.advanceTimersByTimeAsync(1);
    type(' ');
    add('other', 50);
    top.notify();
    await vi.advanceTimersByTimeAsync(2000);
    for (const view of '12341') {
      type(view);
      await vi.advanceTimersByTimeAsync(1);
      expect(text()).not.toContain('other');
    }
    expect(text()).toContain('paused');
    type(' ');
    await vi.advanceTimersByTimeAsync(200);
    expect(text()).toContain('other');
    await top.close();
  });

  it('forgets what it has counted', async () => {
    const { top, add, type, text } = opened();
    add('main work', 5);
    top.notify();
    await vi.advanceTimersByTimeAsync(1);
    type('r');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('no sample yet');
    await top.close();
  });

  it('says what came of saving, for a while', async () => {
    const { top, add, type, text } = opened({
      source: {
        save: (format) =>
          format === 'mojo' ? Promise.resolve('wrote app.mojo') : Promise.reject(new Error('disk full')),
      },
    });
    add('main');
    top.notify();
    type('sm');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('wrote app.mojo');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(text()).not.toContain('wrote app.mojo');
    type('sc');
    await vi.advanceTimersByTimeAsync(1);
    expect(text()).toContain('disk full');
    await top.close();
  });

  it('draws no frame for a terminal that has not taken the last one', async () => {
    const taken: (() => void)[] = [];
    const { top, add, text, seen } = opened({
      takes: () =>
        new Promise((resolve) => {
          taken.push(resolve);
        }),
    });
    for (let i = 0; i < 10; i++) {
      add('main work');
      top.notify();
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(seen.writes).toBe(1);
    taken.shift()!();
    await vi.advanceTimersByTimeAsync(200);
    expect(seen.writes).toBe(2);
    expect(text()).toContain('10 samples');
    const closed = top.close();
    taken.shift()!();
    await closed;
  });

  it('has the keys of Austin TUI, if that is wanted', async () => {
    const saved = vi.fn(() => Promise.resolve('Stats saved as it'));
    const { add, top, type, text } = opened({ saveStats: saved });
    add('work');
    add('wait', 1, { tid: 'b' });
    top.notify();
    await vi.advanceTimersByTimeAsync(200);
    expect(text()).toContain('the stack of each thread now');
    const typed = async (keys: string): Promise<string> => {
      type(keys);
      await vi.advanceTimersByTimeAsync(100);
      return text();
    };
    expect(await typed('p')).toContain('paused');
    expect(await typed('pP')).toContain('all processes');
    await typed('q');
    expect(await typed('f')).toContain('who calls whom');
    expect(await typed('f')).toContain('the stack of each thread now');
    expect(await typed('G')).toContain('all threads');
    // From thread to thread in any view, and no farther.
    expect(await typed('f\x1b[C')).toMatch(/thread 10 {2}wall time *\n/);
    expect(await typed('\x1b[C\x1b[C')).toMatch(/thread 11 {2}wall time *\n/);
    expect(await typed('\x1b[D')).toMatch(/thread 10 {2}wall time *\n/);
    expect(await typed('++')).toContain('≥ 2 %');
    expect(await typed('-')).toContain('≥ 1 %');
    expect(saved).not.toHaveBeenCalled();
    expect(await typed('s')).toContain('Stats saved as it');
    expect(await typed('S')).toContain('save as');
    await typed('q');
    expect(await typed('?')).toMatch(/t, P +choose a thread, a process/);
    await typed('q');
    // What is typed is typed.
    expect(await typed('/SpP')).toMatch(/search: SpP/);
    await top.close();
  });

  it('passes on what is not its own business', async () => {
    const { top, type, seen } = opened();
    type('\u001aq');
    expect(seen).toMatchObject({ suspended: 1, quit: 1 });
    await top.close();
  });

  it('draws all of it again when somebody else has drawn there', async () => {
    const { top, seen } = opened();
    await vi.advanceTimersByTimeAsync(10);
    top.redraw();
    await vi.advanceTimersByTimeAsync(10);
    expect(seen.writes).toBe(2);
    await top.close();
  });

  it('shows facts that change by themselves', async () => {
    const { top, setFacts, text } = opened();
    setFacts({ title: 'app', phase: 'ended', note: 'the program has ended' });
    await vi.advanceTimersByTimeAsync(1100);
    expect(text()).toContain('■ the program has ended');
    await top.close();
  });
});

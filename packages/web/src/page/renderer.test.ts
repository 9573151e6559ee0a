import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Renderer } from './renderer.js';

/** Between two frames of the screen. */
const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, FRAME_MS));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Asks all the time for something to be rendered that takes so long each time, and answers with when it was. */
function rendered(costsMs: readonly number[]): number[] {
  const clock = performance.now.bind(performance);
  let spentMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock() + spentMs);
  const times: number[] = [];
  const renderer = new Renderer(() => {
    times.push(performance.now());
    spentMs += costsMs[Math.min(times.length, costsMs.length) - 1]!;
  });
  for (let ms = 0; ms < 10_000; ms += 10) {
    renderer.ask(false);
    vi.advanceTimersByTime(10);
  }
  return times;
}

it('renders what is cheap four times a second', () => {
  const times = rendered([1]);
  expect(times.length).toBeGreaterThan(30);
  expect(times.length).toBeLessThan(41);
});

it('rests four times as long as rendering takes, but not because of the first time', () => {
  const [first, second, third, fourth] = rendered([2000, 500]);
  expect(second! - first!).toBeLessThan(2000 + 300);
  expect(third! - second!).toBeGreaterThanOrEqual(500 + 2000);
  expect(fourth! - third!).toBeLessThan(500 + 2000 + 50);
});

it('renders the last state at once', () => {
  const times: number[] = [];
  const renderer = new Renderer(() => times.push(performance.now()));
  renderer.ask(false);
  vi.advanceTimersByTime(FRAME_MS);
  renderer.ask(false);
  renderer.ask(true);
  vi.advanceTimersByTime(FRAME_MS);
  expect(times).toHaveLength(2);
});

import { ACTIVITIES } from './activity.js';

/** Colours of the lanes, in the order of {@link ACTIVITIES}; they differ in lightness, and two of them by a pattern. */
export interface ActivityPaint {
  readonly fills: readonly string[];
  /** Ink of the patterns over `gc` and `invalid`. */
  readonly ink: string;
  readonly ground: string;
  readonly text: string;
}

export const LIGHT_ACTIVITIES: ActivityPaint = {
  fills: ['#e8912b', '#e9d283', '#9db4c4', '#5b3f8c', '#a3261a', '#d9d5cc'],
  ink: '#ffffff',
  ground: '#f6f2e9',
  text: '#22201c',
};

export const DARK_ACTIVITIES: ActivityPaint = {
  fills: ['#c8742a', '#7d6c38', '#5f7482', '#b79cf0', '#ff9a8d', '#3f3a33'],
  ink: '#1a1815',
  ground: '#25221e',
  text: '#f2efe8',
};

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Fills a box; stripes tell garbage collection (lying) and invalid stacks (standing) apart without colour. */
export function paintActivity(
  context: CanvasRenderingContext2D,
  paint: ActivityPaint,
  activity: number,
  { x, y, width, height }: Box,
): void {
  context.fillStyle = paint.fills[activity]!;
  context.fillRect(x, y, width, height);
  context.fillStyle = paint.ink;
  if (ACTIVITIES[activity] === 'gc') {
    for (let at = Math.ceil(y / 4) * 4; at < y + height; at += 4) context.fillRect(x, at, width, 1);
  } else if (ACTIVITIES[activity] === 'invalid') {
    for (let at = Math.ceil(x / 4) * 4; at < x + width; at += 4) context.fillRect(at, y, 1, height);
  }
}

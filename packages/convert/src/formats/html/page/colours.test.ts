import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast, distance, rgbOf, VISIONS } from '../../../../../profile/testing/vision.js';
import { ACTIVITIES } from './activity.js';
import { DARK_ACTIVITIES, LIGHT_ACTIVITIES } from './activity-paint.js';
import { codeKind, DARK, LIGHT, type Paint, paintOf } from './colours.js';
import { RowKind } from './payload.js';

describe('colours', () => {
  it.each([
    ['/home/ann/shop/views.py', 'own'],
    ['manage.py', 'own'],
    ['/home/ann/.venv/lib/python3.12/site-packages/flask/app.py', 'library'],
    ['/usr/lib/python3.12/json/decoder.py', 'library'],
    ['C:\\Python312\\Lib\\json\\decoder.py', 'library'],
    ['<frozen importlib._bootstrap>', 'library'],
  ])('tells whose code %s is', (file, kind) => {
    expect(codeKind(RowKind.Python, file)).toBe(kind);
  });

  it('gives a file the same colour always, another than its neighbour', () => {
    expect(paintOf('own', 'a.py', false)).toEqual(paintOf('own', 'a.py', false));
    expect(paintOf('own', 'a.py', false)).not.toEqual(paintOf('own', 'b.py', false));
  });
});

const KINDS = ['own', 'library', 'native', 'kernel', 'synthetic'] as const;
/** Files that have all the shades of a kind. */
const FILES = Array.from({ length: 60 }, (_, n) => `file${n}.py`);

/** What WCAG 2 asks of texts. */
const READABLE = 4.5;
/** Told apart at a glance: see `distance`. */
const APART = 9;

describe.each([
  ['light', false],
  ['dark', true],
])('in a %s page', (theme, isDark) => {
  const palette = isDark ? DARK : LIGHT;
  const paints = (kind: (typeof KINDS)[number]): Paint[] => FILES.map((file) => paintOf(kind, file, isDark));
  const closest = (
    one: readonly Paint[],
    other: readonly Paint[],
    vision: (typeof VISIONS)[number],
  ): number =>
    Math.min(...one.flatMap((a) => other.map((b) => distance(rgbOf(a.fill), rgbOf(b.fill), vision))));

  it('names can be read on every frame', () => {
    for (const { fill, text } of [...KINDS.flatMap(paints), palette.root, palette.match, palette.faded])
      expect(contrast(rgbOf(fill), rgbOf(text)), fill).toBeGreaterThanOrEqual(READABLE);
  });

  it.each(VISIONS)('kinds of code and matches can be told apart with %s vision', (vision) => {
    for (const [index, kind] of KINDS.entries()) {
      expect(closest(paints(kind), [palette.match], vision), kind).toBeGreaterThan(3 * APART);
      for (const other of KINDS.slice(index + 1))
        expect(closest(paints(kind), paints(other), vision), `${kind} ${other}`).toBeGreaterThan(APART);
    }
  });

  it.each(VISIONS)('what threads did can be told apart with %s vision', (vision) => {
    const { fills } = isDark ? DARK_ACTIVITIES : LIGHT_ACTIVITIES;
    for (const [index, fill] of fills.entries()) {
      for (const [behind, other] of fills.slice(index + 1).entries()) {
        const pair = `${ACTIVITIES[index]} ${ACTIVITIES[index + 1 + behind]}`;
        expect(distance(rgbOf(fill), rgbOf(other), vision), pair).toBeGreaterThan(APART);
      }
    }
  });

  it('texts can be read on paper and on panels, and what is hot or bad too', () => {
    const style = readFileSync(new URL('style.css', import.meta.url), 'utf8');
    const root = style.split(':root {')[theme === 'light' ? 1 : 2]!;
    const colour = (name: string) => rgbOf(new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(root)![1]!);
    for (const ground of ['paper', 'panel']) {
      for (const ink of ['ink', 'quiet', 'accent', 'bad', 'hot'])
        expect(contrast(colour(ink), colour(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(READABLE);
    }
  });
});

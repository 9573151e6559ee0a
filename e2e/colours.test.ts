import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES } from '../packages/convert/dist/formats/html/page/activity.js';
import {
  DARK_ACTIVITIES,
  LIGHT_ACTIVITIES,
} from '../packages/convert/dist/formats/html/page/activity-paint.js';
import { DARK, LIGHT, type Paint, paintOf } from '../packages/convert/dist/formats/html/page/colours.js';
import { palette as terminalPalette } from '../packages/tui/dist/screen/palette.js';
import { Style } from '../packages/tui/dist/screen/styles.js';
import { contrast, distance, type Rgb, rgbOf, VISIONS } from './vision.js';

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
])('a %s page', (theme, isDark) => {
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
    const style = readFileSync(
      new URL('../packages/convert/src/formats/html/page/style.css', import.meta.url),
      'utf8',
    );
    const root = style.split(':root {')[theme === 'light' ? 1 : 2]!;
    const colour = (name: string) => rgbOf(new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(root)![1]!);
    for (const ground of ['paper', 'panel']) {
      for (const ink of ['ink', 'quiet', 'accent', 'bad', 'hot'])
        expect(contrast(colour(ink), colour(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(READABLE);
    }
  });
});

/** The colours of a style: true ones, or those of the cube among 256. */
function colours(style: Style, depth: '256' | 'true'): { readonly text?: Rgb; readonly ground?: Rgb } {
  const of = (which: 3 | 4): Rgb | undefined => {
    const sequence = terminalPalette(depth)[style]!;
    const rgb = new RegExp(`${which}8;2;(\\d+);(\\d+);(\\d+)`).exec(sequence);
    if (rgb) return [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])];
    const number = new RegExp(`${which}8;5;(\\d+)`).exec(sequence);
    return number ? ofCube(Number(number[1])) : undefined;
  };
  const [text, ground] = [of(3), of(4)];
  return { ...(text && { text }), ...(ground && { ground }) };
}

/** As xterm has them: a cube of 6 x 6 x 6, and 24 greys. */
function ofCube(number: number): Rgb {
  if (number >= 232) return [0, 0, 0].map(() => 8 + 10 * (number - 232)) as unknown as Rgb;
  const at = number - 16;
  return [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((step) =>
    step === 0 ? 0 : 55 + 40 * step,
  ) as unknown as Rgb;
}

describe.each(['true', '256'] as const)('a terminal: the colours among %s', (depth) => {
  const styles = Object.entries(Style).map(([name, style]) => ({ name, ...colours(style, depth) }));

  it.each(styles.filter(({ text, ground }) => text && ground))('of $name can be read', ({ text, ground }) => {
    expect(contrast(text!, ground!)).toBeGreaterThanOrEqual(4.5);
  });

  // Terminals are black or white, or nearly so.
  it.each(styles.filter(({ text, ground }) => text && !ground))('of $name show on any ground', ({ text }) => {
    expect(contrast(text!, [0, 0, 0])).toBeGreaterThanOrEqual(3);
    expect(contrast(text!, [255, 255, 255])).toBeGreaterThanOrEqual(3);
  });

  it.each(VISIONS)('tell heat, and kinds of code, with %s vision', (vision) => {
    const apart = (one: Style, other: Style, which: 'text' | 'ground'): number =>
      distance(colours(one, depth)[which]!, colours(other, depth)[which]!, vision);
    expect(apart(Style.Heat1, Style.Heat2, 'text')).toBeGreaterThan(9);
    expect(apart(Style.Heat2, Style.Heat3, 'text')).toBeGreaterThan(9);
    const kinds = [
      [Style.FlameOwn, Style.FlameOwnNext],
      [Style.FlameLibrary, Style.FlameLibraryNext],
      [Style.FlameNative, Style.FlameNativeNext],
      [Style.FlameKernel, Style.FlameKernelNext],
    ] as const;
    for (const [at, shades] of kinds.entries()) {
      for (const shade of shades) {
        for (const other of kinds.slice(at + 1).flat())
          expect(apart(shade, other, 'ground'), `${shade} ${other}`).toBeGreaterThan(9);
        expect(apart(shade, Style.FlameRoot, 'ground')).toBeGreaterThan(9);
      }
      expect(apart(shades[0], shades[1], 'ground')).toBeGreaterThan(2);
    }
    expect(apart(Style.Native, Style.Kernel, 'text')).toBeGreaterThan(9);
  });
});

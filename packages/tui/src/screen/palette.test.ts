import { describe, expect, it } from 'vitest';
import { contrast, distance, type Rgb, VISIONS } from '../../../profile/testing/vision.js';
import { colourDepth } from './colour-depth.js';
import { palette } from './palette.js';
import { Style } from './styles.js';

describe('how many colours', () => {
  it.each([
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'tmux-256color', COLORTERM: 'truecolor' }, 'true'],
    [{ TERM: 'xterm-direct' }, 'true'],
    [{ TERM: 'screen' }, '16'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    [{}, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
  ] as const)('%o: %s', (env, depth) => {
    expect(colourDepth(env)).toBe(depth);
  });
});

describe('a palette', () => {
  it('has only colours that the terminal has', () => {
    expect(palette('none').join('')).not.toMatch(/[34]8;|[;[](?:3|4|9|10)[0-7][;m]/);
    expect(palette('16').join('')).not.toMatch(/[34]8;/);
    expect(palette('256').join('')).not.toMatch(/[34]8;2;/);
    expect(palette('256').join('')).toMatch(/38;5;\d+/);
    expect(palette('true').join('')).toMatch(/48;2;\d+;\d+;\d+/);
  });

  it('shows the chosen row without colours, too', () => {
    expect(palette('none')[Style.Selected]).toBe('\u001b[0;7m');
    expect(palette('none')[Style.Plain]).toBe('\u001b[0m');
  });
});

/** The colours of a style: true ones, or those of the cube among 256. */
function colours(style: Style, depth: '256' | 'true'): { readonly text?: Rgb; readonly ground?: Rgb } {
  const of = (which: 3 | 4): Rgb | undefined => {
    const sequence = palette(depth)[style]!;
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

describe.each(['true', '256'] as const)('the colours among %s', (depth) => {
  const styles = Object.entries(Style).map(([name, style]) => ({ name, ...colours(style, depth) }));

  it.each(styles.filter(({ text, ground }) => text && ground))('of $name can be read', ({ text, ground }) => {
    expect(contrast(text!, ground!)).toBeGreaterThanOrEqual(4.5);
  });

  // Terminals are black or white, or nearly so.
  it.each(styles.filter(({ text, ground }) => text && !ground))('of $name show on any ground', ({ text }) => {
    expect(contrast(text!, [0, 0, 0])).toBeGreaterThanOrEqual(3);
    expect(contrast(text!, [255, 255, 255])).toBeGreaterThanOrEqual(3);
  });

  it.each(VISIONS)('tell heat, and own code from that of libraries, with %s vision', (vision) => {
    const apart = (one: Style, other: Style, which: 'text' | 'ground'): number =>
      distance(colours(one, depth)[which]!, colours(other, depth)[which]!, vision);
    expect(apart(Style.Heat1, Style.Heat2, 'text')).toBeGreaterThan(9);
    expect(apart(Style.Heat2, Style.Heat3, 'text')).toBeGreaterThan(9);
    for (const own of [Style.FlameOwn, Style.FlameOwnNext]) {
      for (const library of [Style.FlameLibrary, Style.FlameLibraryNext])
        expect(apart(own, library, 'ground')).toBeGreaterThan(9);
      expect(apart(own, Style.FlameRoot, 'ground')).toBeGreaterThan(9);
    }
    expect(apart(Style.FlameOwn, Style.FlameOwnNext, 'ground')).toBeGreaterThan(2);
    expect(apart(Style.FlameLibrary, Style.FlameLibraryNext, 'ground')).toBeGreaterThan(2);
  });
});

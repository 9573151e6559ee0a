import type { ColourDepth } from './colour-depth.js';
import { Style } from './styles.js';

/** One colour for each kind of terminal: the number among 16, the number among 256, and the parts of a true one. */
interface Colour {
  readonly of16: number;
  readonly of256: number;
  readonly rgb: readonly [red: number, green: number, blue: number];
}

interface Look {
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
  /** What stands for the colours where there are none. */
  readonly monochrome?: Omit<Look, 'fg' | 'bg' | 'monochrome'>;
}

const BLACK: Colour = { of16: 0, of256: 16, rgb: [16, 16, 16] };
const WHITE: Colour = { of16: 15, of256: 231, rgb: [255, 255, 255] };
const BLUE: Colour = { of16: 4, of256: 25, rgb: [0, 95, 175] };
const CYAN: Colour = { of16: 6, of256: 31, rgb: [0, 150, 170] };
const GREY: Colour = { of16: 7, of256: 250, rgb: [188, 188, 188] };
const DARK: Colour = { of16: 8, of256: 240, rgb: [88, 88, 88] };
// From yellow to red, each darker than the one before, the last one bluish: told apart also without seeing red or green, and
// readable on both dark and light ground.
const AMBER: Colour = { of16: 3, of256: 136, rgb: [190, 135, 0] };
const ORANGE: Colour = { of16: 3, of256: 130, rgb: [185, 90, 10] };
const RED: Colour = { of16: 1, of256: 161, rgb: [200, 20, 85] };
const FLAME: Colour = { of16: 3, of256: 208, rgb: [255, 150, 60] };
const FLAME_NEXT: Colour = { of16: 11, of256: 215, rgb: [255, 180, 105] };
const STRAW: Colour = { of16: 7, of256: 187, rgb: [222, 214, 175] };
const STRAW_NEXT: Colour = { of16: 15, of256: 230, rgb: [240, 234, 208] };
const SKY: Colour = { of16: 12, of256: 117, rgb: [135, 215, 255] };
const SKY_NEXT: Colour = { of16: 14, of256: 159, rgb: [190, 230, 255] };
const VIOLET: Colour = { of16: 5, of256: 134, rgb: [175, 95, 215] };
const VIOLET_NEXT: Colour = { of16: 13, of256: 140, rgb: [175, 135, 215] };
// As texts, readable on both dark and light ground.
const STEEL: Colour = { of16: 12, of256: 68, rgb: [80, 122, 200] };
const PLUM: Colour = { of16: 5, of256: 132, rgb: [175, 90, 135] };

const LOOKS: Record<Style, Look> = {
  [Style.Plain]: {},
  [Style.Dim]: { dim: true },
  [Style.Strong]: { bold: true },
  [Style.Title]: { bold: true },
  [Style.Tab]: { fg: CYAN },
  [Style.ActiveTab]: { bold: true, reverse: true },
  [Style.Heading]: { underline: true },
  [Style.SortedHeading]: { underline: true, bold: true },
  [Style.Selected]: { fg: WHITE, bg: BLUE, monochrome: { reverse: true } },
  [Style.Key]: { bold: true },
  [Style.Good]: { fg: CYAN, bold: true, monochrome: { bold: true } },
  [Style.Warning]: { fg: ORANGE, bold: true, monochrome: { bold: true } },
  [Style.Bad]: { fg: RED, bold: true, monochrome: { bold: true } },
  [Style.Active]: { fg: CYAN, bold: true, monochrome: { bold: true } },
  [Style.Match]: { fg: BLACK, bg: GREY, monochrome: { underline: true } },
  [Style.Menu]: { fg: BLACK, bg: GREY, monochrome: { reverse: true } },
  [Style.Heat1]: { fg: AMBER },
  [Style.Heat2]: { fg: ORANGE, monochrome: { bold: true } },
  [Style.Heat3]: { fg: RED, bold: true, monochrome: { bold: true } },
  [Style.FlameOwn]: { fg: BLACK, bg: FLAME, monochrome: { reverse: true } },
  [Style.FlameOwnNext]: { fg: BLACK, bg: FLAME_NEXT, monochrome: {} },
  [Style.FlameLibrary]: { fg: BLACK, bg: STRAW, monochrome: { reverse: true } },
  [Style.FlameLibraryNext]: { fg: BLACK, bg: STRAW_NEXT, monochrome: {} },
  [Style.FlameRoot]: { fg: WHITE, bg: DARK, monochrome: { bold: true } },
  [Style.FlameNative]: { fg: BLACK, bg: SKY, monochrome: { reverse: true } },
  [Style.FlameNativeNext]: { fg: BLACK, bg: SKY_NEXT, monochrome: {} },
  [Style.FlameKernel]: { fg: BLACK, bg: VIOLET, monochrome: { reverse: true } },
  [Style.FlameKernelNext]: { fg: BLACK, bg: VIOLET_NEXT, monochrome: {} },
  [Style.Native]: { fg: STEEL },
  [Style.Kernel]: { fg: PLUM },
};

/** The escape sequence (ECMA-48, SGR) that sets a style, whatever was set before, for each style. */
export function palette(depth: ColourDepth): readonly string[] {
  const styles = Object.values(Style).sort((a, b) => a - b);
  return styles.map((style) => `\x1b[${['0', ...parameters(LOOKS[style], depth)].join(';')}m`);
}

function parameters(look: Look, depth: ColourDepth): string[] {
  const shown: Look = depth === 'none' ? { ...look, ...look.monochrome } : look;
  return [
    ...(shown.bold ? ['1'] : []),
    ...(shown.dim ? ['2'] : []),
    ...(shown.underline ? ['4'] : []),
    ...(shown.reverse ? ['7'] : []),
    ...(look.fg ? colour(look.fg, depth, 30) : []),
    ...(look.bg ? colour(look.bg, depth, 40) : []),
  ];
}

/** @param base 30 for the text, 40 for the ground */
function colour({ of16, of256, rgb }: Colour, depth: ColourDepth, base: 30 | 40): string[] {
  switch (depth) {
    case 'none':
      return [];
    case '16':
      return [String(of16 < 8 ? base + of16 : base + 60 + of16 - 8)];
    case '256':
      return [`${base + 8};5;${of256}`];
    case 'true':
      return [`${base + 8};2;${rgb.join(';')}`];
  }
}

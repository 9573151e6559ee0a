/** A colour in sRGB, each part from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** How people see: as most do, or without one of the three kinds of cones. */
export const VISIONS = ['usual', 'protanopia', 'deuteranopia', 'tritanopia'] as const;
export type Vision = (typeof VISIONS)[number];

/** `#rrggbb` or `hsl(32 92% 67%)`. */
export function rgbOf(css: string): Rgb {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(css);
  if (hex) return [hex[1]!, hex[2]!, hex[3]!].map((part) => Number.parseInt(part, 16)) as unknown as Rgb;
  const hsl = /^hsl\(([\d.]+) ([\d.]+)% ([\d.]+)%\)$/.exec(css);
  if (!hsl) throw new Error(`not a colour: ${css}`);
  const [hue, saturation, lightness] = [Number(hsl[1]), Number(hsl[2]) / 100, Number(hsl[3]) / 100];
  const reach = saturation * Math.min(lightness, 1 - lightness);
  // CSS Color 4, 7.1.
  const part = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return 255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [part(0), part(8), part(4)];
}

/** The contrast of WCAG 2, from 1 to 21: 4.5 is asked of texts, 3 of marks and of large texts. */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

/** How far two colours are apart for an eye: CIE 1976, where 2 can just be told apart side by side, and 10 at a glance. */
export function distance(one: Rgb, other: Rgb, vision: Vision = 'usual'): number {
  const [a, b] = [lab(seen(one, vision)), lab(seen(other, vision))];
  return Math.hypot(...a.map((part, i) => part - b[i]!));
}

/** Machado, Oliveira and Fernandes 2009, severity 1.0, for linear RGB. */
const SIMULATIONS: Readonly<Record<Vision, readonly (readonly number[])[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Linear RGB, each part from 0 to 1, as an eye sees it. */
function seen(colour: Rgb, vision: Vision): number[] {
  const parts = colour.map(linear);
  return SIMULATIONS[vision].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, i) => sum + weight * parts[i]!, 0),
      ),
    ),
  );
}

function linear(part: number): number {
  const value = part / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map(linear);
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** CIE Lab, white D65. */
function lab([red, green, blue]: readonly number[]): number[] {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27) * (t / 116) + 4 / 29);
  const x = f((0.4124564 * red! + 0.3575761 * green! + 0.1804375 * blue!) / 0.95047);
  const y = f(0.2126729 * red! + 0.7151522 * green! + 0.072175 * blue!);
  const z = f((0.0193339 * red! + 0.119192 * green! + 0.9503041 * blue!) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

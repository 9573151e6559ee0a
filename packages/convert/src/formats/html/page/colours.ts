import { isOwnFile } from '@austin-profiler/profile';
import { RowKind } from './payload.js';

/** Fill and text of a frame. */
export interface Paint {
  readonly fill: string;
  readonly text: string;
}

export interface Palette {
  readonly root: Paint;
  readonly match: Paint;
  /** Frames that do not match while something is searched. */
  readonly faded: Paint;
  readonly rest: string;
  readonly gap: string;
  readonly focus: string;
}

export const LIGHT: Palette = {
  root: { fill: '#d9d5cc', text: '#22201c' },
  match: { fill: '#1f4fd8', text: '#ffffff' },
  faded: { fill: '#e9e5dc', text: '#5d584f' },
  rest: '#e3ded3',
  gap: '#fffdf8',
  focus: '#0b0b0b',
};

export const DARK: Palette = {
  root: { fill: '#45413a', text: '#f2efe8' },
  match: { fill: '#8fb4ff', text: '#0c1224' },
  faded: { fill: '#38342e', text: '#b5afa3' },
  rest: '#2e2a25',
  gap: '#1a1815',
  focus: '#ffffff',
};

/** How a frame is coloured: what kind of code it is; the file then picks the shade. */
export type CodeKind = 'own' | 'library' | 'native' | 'kernel' | 'synthetic';

export function codeKind(kind: number, file: string): CodeKind {
  if (kind === RowKind.Synthetic) return 'synthetic';
  if (kind === RowKind.Kernel) return 'kernel';
  if (kind !== RowKind.Python) return 'native';
  return file !== '' && isOwnFile(file) ? 'own' : 'library';
}

/**
 * Warm and light for Python, the more so for one's own code; matches alone are blue. The kinds differ in
 * lightness as well as in hue, for eyes that see fewer hues.
 */
export function paintOf(kind: CodeKind, file: string, isDark: boolean): Paint {
  const shade = hash(file);
  const step = (shade >>> 8) % 4;
  const text = isDark ? '#fbf6ec' : '#241c10';
  switch (kind) {
    case 'own':
      return {
        fill: isDark ? hsl(18 + (shade % 24), 64, 28 + step * 2) : hsl(24 + (shade % 24), 92, 62 + step * 3),
        text,
      };
    case 'library':
      return {
        fill: isDark ? hsl(40 + (shade % 16), 24, 16 + step * 2) : hsl(44 + (shade % 12), 58, 82 + step * 2),
        text,
      };
    case 'native':
      return { fill: isDark ? hsl(205, 22, 27 + step * 2) : hsl(205, 22, 76 + step * 2), text };
    case 'kernel':
      return { fill: isDark ? hsl(285, 60, 48) : hsl(285, 80, 72), text };
    case 'synthetic':
      return { fill: isDark ? '#766a8a' : '#a08fb8', text };
  }
}

function hsl(hue: number, saturation: number, lightness: number): string {
  return `hsl(${hue} ${saturation}% ${lightness}%)`;
}

/** FNV-1a over UTF-16 units: the same file has the same colour in every profile. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

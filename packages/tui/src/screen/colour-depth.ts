/** How many colours a terminal has: none, the 16 of old, 256, or any. */
export type ColourDepth = 'none' | '16' | '256' | 'true';

const MONOCHROME = /^(?:vt(?:52|1\d\d|2\d\d|3\d\d|4\d\d)|ansi-m|xterm-mono|.*-m$)/;

/** What the environment says of the terminal. `NO_COLOR`, if it is not empty, outdoes the rest (no-color.org). */
export function colourDepth(env: Readonly<Record<string, string | undefined>>): ColourDepth {
  const { NO_COLOR, COLORTERM = '', TERM = '' } = env;
  if (NO_COLOR) return 'none';
  if (TERM === '' || TERM === 'dumb' || MONOCHROME.test(TERM)) return 'none';
  if (/^(?:truecolor|24bit)$/i.test(COLORTERM) || /-direct\d*$/.test(TERM)) return 'true';
  return /256/.test(TERM) ? '256' : '16';
}

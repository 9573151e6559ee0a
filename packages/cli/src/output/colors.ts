import { isatty } from 'node:tty';
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for a descriptor: only on a terminal that has them, and not against the wish of `NO_COLOR`. */
export function colorsFor(fd: number, env: NodeJS.ProcessEnv = process.env): Colors {
  return picocolors.createColors(isatty(fd) && !env.NO_COLOR && env.TERM !== 'dumb');
}

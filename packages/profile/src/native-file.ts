import type { FrameInfo } from './tables.js';

/** How MOJO and collapsed text name the file of a native frame: the address follows in hex. */
const PREFIX = 'native@';

const ADDRESS = /^(?:0|[1-9a-f][0-9a-f]{0,15})$/;

/**
 * The address that a file name of a native frame stands for, in hex; empty if it has none that is one, and undefined for the
 * names of other files.
 */
export function nativeAddress(file: string): string | undefined {
  if (!file.startsWith(PREFIX)) return undefined;
  const address = file.slice(PREFIX.length);
  return ADDRESS.test(address) ? address : '';
}

/**
 * The file and the line of a frame as a recorder of machine code writes them: an address, and how far it is in its function.
 * Of Python, of the kernel, and of code that somebody has given a place by now, they are what they are.
 */
export function recordedPlace({ file, line, code }: Pick<FrameInfo, 'file' | 'line' | 'code'>): {
  readonly file: string;
  readonly line: number;
} {
  if (code === undefined || file !== code.mapping.path || line !== 0) return { file, line };
  return { file: `${PREFIX}${code.address}`, line: code.offset };
}

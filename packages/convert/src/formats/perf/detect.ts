import type { Detection } from '../../format.js';
import { hasControlCodes } from '../../lines.js';
import { splitFrameLine } from './frame.js';
import { parseHeader } from './header.js';

/** The first line that is no comment begins a sample, and the next is a frame, or empty. */
export function detectPerf(head: Uint8Array, isWhole: boolean): Detection {
  if (hasControlCodes(head)) return 'no';
  const text = new TextDecoder().decode(head, { stream: !isWhole });
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  if (!isWhole) lines.pop();
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0 || first + 1 >= lines.length) return isWhole ? 'no' : 'more';
  const next = lines[first + 1]!.replace(/\r$/, '');
  if (!parseHeader(lines[first]!.trimEnd())) return 'no';
  return next === '' || splitFrameLine(next) ? 'yes' : 'no';
}

import type { Detection } from '../../format.js';
import { hasControlCodes } from '../../lines.js';

const AUSTIN_SAMPLE = /^P\d+;T.* -?\d+(,[01],-?\d+)?$/;
const AUSTIN_METADATA =
  /^# (austin|interval|mode|memory|multiprocess|gc|python|map|duration|count|sampling|saturation|errors|x-[a-z-]+(:.*)?): /;
const FOLDED_SAMPLE = /^\S.* \d+(\.\d*)?$/;

/**
 * Collapsed text has no signature. One line that only Austin writes is enough; else every whole line of the
 * head must look like folded stacks. JSON never does: its lines do not end in a blank and a number.
 */
export function detectCollapsed(head: Uint8Array, isWhole: boolean): Detection {
  if (hasControlCodes(head)) return 'no';
  const text = new TextDecoder().decode(head, { stream: !isWhole });
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (!isWhole || head.at(-1) === 0x0a) lines.pop();
  if (lines.some((line) => AUSTIN_SAMPLE.test(line) || AUSTIN_METADATA.test(line))) return 'yes';
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (samples.length === 0) return isWhole ? 'no' : 'more';
  return samples.every((line) => FOLDED_SAMPLE.test(line)) ? 'yes' : 'no';
}

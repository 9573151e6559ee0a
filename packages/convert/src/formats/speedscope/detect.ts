import type { Detection } from '../../format.js';

export const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';

/** JSON that names its schema. */
export function detectSpeedscope(head: Uint8Array, isWhole: boolean): Detection {
  const text = new TextDecoder().decode(head, { stream: true }).trimStart();
  if (text !== '' && !text.startsWith('{')) return 'no';
  if (text.includes(SCHEMA)) return 'yes';
  return isWhole ? 'no' : 'more';
}

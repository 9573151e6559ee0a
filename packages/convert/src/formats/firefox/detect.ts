import type { Detection } from '../../format.js';

/** The processed format has its version in `meta`, which all writers put first. */
export function detectFirefox(head: Uint8Array, isWhole: boolean): Detection {
  const text = new TextDecoder().decode(head, { stream: true }).trimStart();
  if (text !== '' && !text.startsWith('{')) return 'no';
  if (/"preprocessedProfileVersion"\s*:\s*\d/.test(text)) return 'yes';
  return isWhole ? 'no' : 'more';
}

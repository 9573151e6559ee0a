import type { Detection } from '../../format.js';

/** Events, each with a phase: an array of them, or an object that has one. */
export function detectTrace(head: Uint8Array, isWhole: boolean): Detection {
  const text = new TextDecoder().decode(head, { stream: true }).trimStart();
  if (text !== '' && !/^[{[]/.test(text)) return 'no';
  if (/"\$schema"\s*:|"preprocessedProfileVersion"\s*:/.test(text)) return 'no';
  if (/[{,]\s*"ph"\s*:\s*"[^"]"/.test(text)) return 'yes';
  return isWhole ? 'no' : 'more';
}

import type { Detection } from '../../format.js';

/** An object with nodes, each with a call frame. Traces hold such profiles too, in events. */
export function detectCpuProfile(head: Uint8Array, isWhole: boolean): Detection {
  const text = new TextDecoder().decode(head, { stream: true }).trimStart();
  if (text !== '' && !text.startsWith('{')) return 'no';
  if (/"(traceEvents|ph|preprocessedProfileVersion|\$schema)"\s*:/.test(text)) return 'no';
  if (/"nodes"\s*:\s*\[/.test(text) && /"callFrame"\s*:\s*\{/.test(text)) return 'yes';
  return isWhole ? 'no' : 'more';
}

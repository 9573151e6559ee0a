import type { Detection } from '../../format.js';

/** A MOJO file starts with these bytes and a version. */
const MAGIC = [0x4d, 0x4f, 0x4a];

export function detectMojo(head: Uint8Array): Detection {
  for (const [at, byte] of MAGIC.entries()) {
    if (at >= head.length) return 'more';
    if (head[at] !== byte) return 'no';
  }
  return 'yes';
}

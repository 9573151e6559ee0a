import type { FlameNode } from './tree.js';

/**
 * Warm colours for Python functions, blue ones for machine code, violet for the kernel: the same for all of one file. Grey for
 * what is no function.
 */
export function colourOf({ kind, file }: FlameNode): string {
  switch (kind) {
    case 'root':
    case 'process':
      return '#d9d9d9';
    case 'thread':
      return '#e6e6e6';
    case 'mark':
      return '#c9c3d6';
    case 'function': {
      const hash = hashOf(file);
      return `hsl(${8 + (hash % 48)} ${62 + ((hash >>> 8) % 20)}% ${66 + ((hash >>> 16) % 12)}%)`;
    }
    case 'native': {
      const hash = hashOf(file);
      return `hsl(${194 + (hash % 24)} ${38 + ((hash >>> 8) % 16)}% ${72 + ((hash >>> 16) % 10)}%)`;
    }
    case 'kernel':
      return 'hsl(286 34% 76%)';
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

import type { FlameNode } from './tree.js';

/** Warm colours for functions, the same for all of one file; grey for what is no function. */
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
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

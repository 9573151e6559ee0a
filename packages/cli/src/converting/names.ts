import { basename, extname } from 'node:path';
import { type Format, formatByFileName } from '@austin-profiler/convert';

/** The name of an input without what says its format: `out/app` for `out/app.speedscope.json.gz`. */
export function withoutExtension(path: string): string {
  const plain = withoutEnding(withoutEnding(path, '.gz'), '.zst');
  const known = [...(formatByFileName(plain)?.extensions ?? [])]
    .sort((a, b) => b.length - a.length)
    .find((extension) => plain.toLowerCase().endsWith(extension));
  return withoutEnding(plain, known ?? extname(plain));
}

/** The ending of a file that is written in this format. */
export function extensionOf(format: Format): string {
  const extension = format.extensions[0] ?? '';
  return format.gzip && !extension.endsWith('.gz') ? `${extension}.gz` : extension;
}

/** Takes an ending away, unless nothing would be left of the name. */
function withoutEnding(path: string, ending: string): string {
  const hasEnding = ending !== '' && path.toLowerCase().endsWith(ending);
  return hasEnding && basename(path).length > ending.length ? path.slice(0, -ending.length) : path;
}

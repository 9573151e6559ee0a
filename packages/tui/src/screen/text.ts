import { visible } from '@austin-profiler/convert/live';
import width from 'fast-string-width';

/** What a terminal draws as one: a letter with its marks, an emoji of several. */
export interface Cluster {
  readonly text: string;
  /** In cells. */
  readonly width: 1 | 2;
}

/** Characters of one cell each, our own signs among them: most of what is drawn, and drawn without looking closer. */
const NARROW = /^[\x20-\x7e±…▾▸▶▼●■❚▏⏎↑↓]*$/;
/** A letter may carry any number of marks; a cell does not. */
const MOST_UNITS = 16;
const UNKNOWN: Cluster = { text: '\ufffd', width: 1 };
const ELLIPSIS = '…';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The beginning of a text, at least so many cells of it if it is that long. What could drive the terminal, or cannot be
 * seen, is written out (`\u001b`), so nothing that comes out of here is anything but text.
 */
export function clusters(text: string, cells: number): Cluster[] {
  if (isNarrow(text, cells))
    return Array.from(text.slice(0, cells), (letter) => ({ text: letter, width: 1 }));
  // Names may be as long as they like; what is not shown need not be looked at.
  const shown = visible(text.slice(0, cells * MOST_UNITS));
  const result: Cluster[] = [];
  let used = 0;
  for (const { segment } of segmenter.segment(shown)) {
    if (used >= cells) break;
    const cluster = clusterOf(segment);
    result.push(cluster);
    used += cluster.width;
  }
  return result;
}

/** Whether each of the first units of a text, at most `units`, is a harmless character of one cell. */
export function isNarrow(text: string, units: number): boolean {
  return NARROW.test(text.length > units ? text.slice(0, units) : text);
}

function clusterOf(segment: string): Cluster {
  const cells = width(segment);
  if (segment.length > MOST_UNITS || cells < 1) return UNKNOWN;
  return { text: segment, width: cells === 1 ? 1 : 2 };
}

/** Width of a text in cells, up to `most`. */
export function cellWidth(text: string, most = 1000): number {
  if (isNarrow(text, most)) return Math.min(text.length, most);
  const used = clusters(text, most).reduce((sum, cluster) => sum + cluster.width, 0);
  return Math.min(used, most);
}

/** The text in at most so many cells: the beginning, and an ellipsis where something is missing. */
export function fit(text: string, cells: number): string {
  if (cells <= 0) return '';
  if (isNarrow(text, cells + 1)) return text.length <= cells ? text : text.slice(0, cells - 1) + ELLIPSIS;
  const all = clusters(text, cells + 1);
  const total = all.reduce((sum, cluster) => sum + cluster.width, 0);
  if (total <= cells) return all.map((cluster) => cluster.text).join('');
  return joined(all, cells - 1) + ELLIPSIS;
}

/** As {@link fit}, but of what is too long the end is kept, which tells paths apart. */
export function fitEnd(text: string, cells: number): string {
  if (cells <= 0) return '';
  const end = text.slice(-cells - 1);
  if (isNarrow(end, end.length)) return text.length <= cells ? text : ELLIPSIS + end.slice(2);
  const all = clusters(text.slice(-cells * MOST_UNITS), cells * MOST_UNITS);
  const total = all.reduce((sum, cluster) => sum + cluster.width, 0);
  if (total <= cells) return all.map((cluster) => cluster.text).join('');
  let kept = '';
  let used = 0;
  for (const cluster of all.reverse()) {
    if (used + cluster.width > cells - 1) break;
    kept = cluster.text + kept;
    used += cluster.width;
  }
  return ELLIPSIS + kept;
}

function joined(all: readonly Cluster[], cells: number): string {
  let text = '';
  let used = 0;
  for (const cluster of all) {
    if (used + cluster.width > cells) break;
    text += cluster.text;
    used += cluster.width;
  }
  return text;
}

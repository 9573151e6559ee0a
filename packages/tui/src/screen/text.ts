import { visible } from '@austin-profiler/convert';
import width from 'fast-string-width';

/** What a terminal draws as one: a letter with its marks, an emoji of several. */
export interface Cluster {
  readonly text: string;
  /** In cells. */
  readonly width: 1 | 2;
}

const ASCII = /^[\x20-\x7e]*$/;
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
  // Names may be as long as they like; what is not shown need not be looked at.
  const shown = visible(text.slice(0, cells * MOST_UNITS));
  if (ASCII.test(shown)) return Array.from(shown.slice(0, cells), (letter) => ({ text: letter, width: 1 }));
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

function clusterOf(segment: string): Cluster {
  const cells = width(segment);
  if (segment.length > MOST_UNITS || cells < 1) return UNKNOWN;
  return { text: segment, width: cells === 1 ? 1 : 2 };
}

/** Width of a text in cells, up to `most`. */
export function cellWidth(text: string, most = 1000): number {
  const used = clusters(text, most).reduce((sum, cluster) => sum + cluster.width, 0);
  return Math.min(used, most);
}

/** The text in at most so many cells: the beginning, and an ellipsis where something is missing. */
export function fit(text: string, cells: number): string {
  if (cells <= 0) return '';
  const all = clusters(text, cells + 1);
  const total = all.reduce((sum, cluster) => sum + cluster.width, 0);
  if (total <= cells) return all.map((cluster) => cluster.text).join('');
  return joined(all, cells - 1) + ELLIPSIS;
}

/** As {@link fit}, but of what is too long the end is kept, which tells paths apart. */
export function fitEnd(text: string, cells: number): string {
  if (cells <= 0) return '';
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

import type { Profile } from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { type WeightType, weightTypes } from '../../weights.js';
import { colourOf } from './colours.js';
import { type FlameNode, flameTree } from './tree.js';
import { xmlText } from './xml.js';

/** All in pixels. */
const WIDTH = 1200;
const ROW = 17;
const MARGIN = 10;
const HEAD = 46;
const CHARACTER = 6.6;
/** Narrower frames are left out: nobody would see them. */
const MIN_WIDTH = 1 / 3;

const STYLE =
  'text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#1b1b1b;dominant-baseline:central}' +
  '.t{font:600 15px system-ui,sans-serif}.s{font:12px system-ui,sans-serif;fill:#555}' +
  'rect{stroke:#fff;stroke-width:.6}g:hover>rect{stroke:#000}';

/** One weight's graph, laid out. */
interface Graph {
  readonly type: WeightType;
  readonly root: FlameNode;
  readonly rows: number;
}

/**
 * Writes a flame graph for each weight of the profile, one below the other: processes, threads, then stacks with the
 * outermost function on top. The picture holds no script, link or outside reference; what a frame is and weighs is in its
 * title, which viewers show on hover and screen readers read.
 */
export function* writeSvg(profile: Profile, options: WriteOptions): Iterable<string> {
  const graphs = weightTypes(profile)
    .map((type): Graph => {
      const root = flameTree(profile, type);
      return { type, root, rows: visibleRows(root) };
    })
    .filter(({ root }, at) => root.total > 0 || at === 0);
  const heights = graphs.map(({ rows }) => HEAD + rows * ROW + MARGIN);
  const height = heights.reduce((sum, one) => sum + one, 0);
  const name = options.name ?? 'austin';

  yield `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${xmlText(name)}</title>
<desc>${xmlText(options.exporter ?? 'austin-profiler')}</desc>
<style>${STYLE}</style>
<rect width="100%" height="100%" fill="#fff" stroke="none"/>
`;
  let top = 0;
  for (const [at, graph] of graphs.entries()) {
    yield `<text class="t" x="${MARGIN}" y="${top + 16}">${xmlText(`${WEIGHT_TITLES[graph.type.metric]} - ${name}`)}</text>\n`;
    yield `<text class="s" x="${MARGIN}" y="${top + 35}">${amount(graph.root.total, graph.type)} in all</text>\n`;
    yield* frames(graph, top + HEAD);
    top += heights[at]!;
  }
  yield '</svg>\n';
}

function* frames({ root, type }: Graph, top: number): Iterable<string> {
  const scale = root.total === 0 ? 0 : (WIDTH - 2 * MARGIN) / root.total;
  let text = '';
  for (const { node, depth, start } of visible(root)) {
    const x = MARGIN + start * scale;
    const width = node.total * scale;
    const y = top + depth * ROW;
    const share = ((100 * node.total) / root.total).toFixed(2);
    const title = xmlText(
      `${node.label}\n${amount(node.total, type)}, ${share} %; by itself ${amount(node.self, type)}`,
    );
    // A line break is the one control character that a title shows as what it is.
    text += `<g><title>${title.replaceAll('\u240a', '&#10;')}</title>`;
    text += `<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${ROW - 1}" rx="1.5" fill="${colourOf(node)}"/>`;
    const label = cut(node.name, Math.floor((width - 4) / CHARACTER));
    if (label !== '') text += `<text x="${round(x + 3)}" y="${y + ROW / 2}">${xmlText(label)}</text>`;
    text += '</g>\n';
    if (text.length < 1 << 14) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** The nodes wide enough to see, each before its children; `start` is the weight to the left of it. */
function* visible(root: FlameNode): Iterable<{ node: FlameNode; depth: number; start: number }> {
  const minimum = (root.total * MIN_WIDTH) / (WIDTH - 2 * MARGIN);
  const open: { node: FlameNode; depth: number; start: number }[] = [];
  const push = (parent: FlameNode, depth: number, from: number) => {
    let start = from;
    for (const node of parent.children) {
      if (node.total > minimum) open.push({ node, depth, start });
      start += node.total;
    }
  };
  push(root, 0, 0);
  for (let next = open.pop(); next; next = open.pop()) {
    yield next;
    push(next.node, next.depth + 1, next.start);
  }
}

function visibleRows(root: FlameNode): number {
  let rows = 0;
  for (const { depth } of visible(root)) rows = Math.max(rows, depth + 1);
  return rows;
}

function amount(weight: number, { unit }: WeightType): string {
  switch (unit) {
    case 'microseconds':
      return `${(weight / 1e6).toFixed(6).replace(/0{1,3}$/, '')} s`;
    case 'bytes':
      return `${weight.toLocaleString('en-US')} bytes`;
    case 'count':
      return `${weight.toLocaleString('en-US')} samples`;
  }
}

/** The part of a name that has room for `length` characters, or nothing. */
function cut(name: string, length: number): string {
  if (length < 3) return '';
  if (name.length <= length) return name;
  // Not within a character that takes two units.
  const end = /[\ud800-\udbff]$/.test(name.slice(0, length - 1)) ? length - 2 : length - 1;
  return `${name.slice(0, end)}\u2026`;
}

function round(pixels: number): string {
  return String(Math.round(pixels * 100) / 100);
}

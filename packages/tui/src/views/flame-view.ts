import { type CallNode, FrameKind, type FunctionId, isOwnFunction } from '@austin-profiler/profile';
import type { CallPaths } from '../model/call-paths.js';
import { functionName, processesOf, threadName } from '../model/names.js';
import { shareText, weightText } from '../model/quantities.js';
import type { Shown } from '../model/shown.js';
import { Style } from '../screen/styles.js';
import { fit } from '../screen/text.js';
import { createMatcher } from './matcher.js';
import type { Step, View } from './view.js';

/** A frame of the graph, at least a cell wide. */
interface Box {
  readonly key: string;
  readonly node: CallNode | null;
  readonly parent: Box | undefined;
  readonly from: number;
  readonly to: number;
  readonly style: Style;
}

/** The key of the whole, above all threads. */
const ALL = 'all';

/** The call tree as areas: a frame is as wide as its share, callers on top. What is narrower than a cell is left out. */
export function flameView(
  shown: Shown,
  options: { readonly zoom: string | null; readonly search: string; readonly width: number },
  paths: CallPaths,
): View {
  const { profile, summary, weight } = shown;
  const levels = layout(shown, options.zoom, options.width, paths);
  const boxes = new Map(
    levels.flatMap((level, depth) => level.map((box) => [box.key, { box, depth }] as const)),
  );
  const matches = createMatcher(profile, options.search);
  const isAmongProcesses = processesOf(profile).length > 1;
  const name = ({ node }: Box): string => {
    if (node === null) return 'all threads';
    return node.fn === null
      ? `thread ${threadName(profile, node.thread, isAmongProcesses)}`
      : functionName(profile, node.fn);
  };
  return {
    count: summary.total > 0 ? levels.length : 0,
    firstRow: 0,
    emptyText: 'no sample yet',
    rowOf: (key) => boxes.get(key)?.depth ?? -1,
    keyAt: (row) => widest(levels[row] ?? [])?.key,
    fnAt: (key) => boxes.get(key)?.box.node?.fn ?? undefined,
    aside: (key, step) => beside(levels, boxes.get(key), step),
    drawHeading({ grid, y }) {
      grid.clear(0, y, grid.width, Style.Heading);
      grid.put(
        0,
        y,
        'callers above, what they call below; Enter widens a frame, Backspace goes back',
        Style.Heading,
      );
    },
    drawRow(row, { grid, y, hits }, chosen) {
      for (const box of levels[row]!) {
        const cells = box.to - box.from;
        const isFound = box.node?.fn != null && matches(box.node.fn);
        const style = box.key === chosen ? Style.Selected : isFound ? Style.Match : box.style;
        grid.clear(box.from, y, cells, style);
        const total = box.node?.total ?? summary.total;
        const numbers = `${shareText(total / summary.total)} ${weightText(total, weight.unit)}`;
        const text = name(box);
        const withNumbers = text.length + numbers.length + 3 < cells ? `${text}  ${numbers}` : text;
        // The first cell stays free, so that one sees where a frame begins.
        if (cells > 2) grid.put(box.from + 1, y, fit(withNumbers, cells - 1), style, cells - 1);
        else grid.put(box.from, y, '▏', style, 1);
        hits.push({ y, from: box.from, to: box.to, click: { kind: 'point', key: box.key } });
      }
    },
  };
}

/** The frames by depth, from left to right. */
function layout(shown: Shown, zoom: string | null, width: number, paths: CallPaths): Box[][] {
  const { trees, profile } = shown;
  const levels: Box[][] = [];
  const put = (box: Box, depth: number): Box => {
    levels[depth] ??= [];
    levels[depth].push(box);
    return box;
  };
  const whole = put(
    { key: ALL, node: null, parent: undefined, from: 0, to: width, style: Style.FlameRoot },
    0,
  );
  const waiting: { node: CallNode | null; path: number; box: Box; depth: number }[] = [];
  const way = zoom === null ? [] : wayTo(Number(zoom), shown, paths);
  if (way.length === 0) waiting.push({ node: null, path: -1, box: whole, depth: 0 });
  let parent = whole;
  for (const [index, { path, node }] of way.entries()) {
    const style = node.fn === null ? Style.FlameRoot : flameStyle(profile, node.fn, parent.style);
    parent = put({ key: String(path), node, parent, from: 0, to: width, style }, index + 1);
    if (index === way.length - 1) waiting.push({ node, path, box: parent, depth: index + 1 });
  }
  for (let at = 0; at < waiting.length; at++) {
    const { node, path, box, depth } = waiting[at]!;
    const callees = node === null ? trees : [...node.children.values()].sort((a, b) => a.fn! - b.fn!);
    const total = node === null ? trees.reduce((sum, root) => sum + root.total, 0) : node.total;
    const scale = (box.to - box.from) / total;
    let start = box.from;
    let before = box.style;
    for (const callee of callees) {
      const end = start + callee.total * scale;
      const [from, to] = [Math.round(start), Math.round(end)];
      start = end;
      if (to <= from) continue;
      const style = callee.fn === null ? Style.FlameRoot : flameStyle(profile, callee.fn, before);
      before = style;
      const number = node === null ? paths.root(callee.thread) : paths.child(path, callee.fn!);
      const child = put({ key: String(number), node: callee, parent: box, from, to, style }, depth + 1);
      waiting.push({ node: callee, path: number, box: child, depth: depth + 1 });
    }
  }
  return levels;
}

/** The nodes from the thread down to the one with this number; none if it is not there. */
function wayTo(path: number, { trees }: Shown, paths: CallPaths): { path: number; node: CallNode }[] {
  const way: { path: number; node: CallNode }[] = [];
  for (let at: number | undefined = path; at !== undefined; at = paths.parent(at)) {
    const node = paths.find(at, trees);
    if (!node) return [];
    way.unshift({ path: at, node });
  }
  return way;
}

/** Kinds of code differ, and so do neighbours: to the left, and the first one from its caller. */
function flameStyle({ tables }: Shown['profile'], fn: FunctionId, before: Style): Style {
  const [one, other] = isOwnFunction(tables, fn) ? OWN_SHADES : SHADES[tables.functionKind(fn)];
  return before === one ? other : one;
}

const OWN_SHADES: Shades = [Style.FlameOwn, Style.FlameOwnNext];

const SHADES: Record<FrameKind, Shades> = {
  [FrameKind.Python]: [Style.FlameLibrary, Style.FlameLibraryNext],
  [FrameKind.Native]: [Style.FlameNative, Style.FlameNativeNext],
  [FrameKind.Kernel]: [Style.FlameKernel, Style.FlameKernelNext],
};

type Shades = readonly [one: Style, other: Style];

function widest(level: readonly Box[]): Box | undefined {
  let found = level[0];
  for (const box of level) if (found && box.to - box.from > found.to - found.from) found = box;
  return found;
}

function beside(
  levels: readonly (readonly Box[])[],
  at: { readonly box: Box; readonly depth: number } | undefined,
  step: Step,
): string | undefined {
  if (!at) return undefined;
  const level = levels[at.depth]!;
  const index = level.indexOf(at.box);
  switch (step) {
    case 'up':
      return at.box.parent?.key;
    case 'down':
      return (
        widest((levels[at.depth + 1] ?? []).filter(({ parent }) => parent === at.box))?.key ?? at.box.key
      );
    case 'left':
      return level[index - 1]?.key;
    case 'right':
      return level[index + 1]?.key;
    case 'page-up':
    case 'page-down':
    case 'home':
    case 'end':
      return undefined;
  }
}

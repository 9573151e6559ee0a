import type { CallNode } from '@austin-profiler/profile';
import type { CallPaths } from '../model/call-paths.js';
import { processesOf, threadName } from '../model/names.js';
import type { Shown } from '../model/shown.js';
import type { ViewState } from '../model/state.js';
import { Style } from '../screen/styles.js';
import { drawFunction } from './function-cell.js';
import { createMatcher } from './matcher.js';
import { finishRow, type Step, type View } from './view.js';
import { drawWeightHeadings, drawWeights, leastWeight } from './weight-columns.js';

/** Nodes that weigh so much are open unless they were closed. */
const OPEN_SHARE = 0.05;
/** Deeper nodes are not moved further to the right. */
const MOST_INDENT = 40;

interface Row {
  readonly key: string;
  readonly node: CallNode;
  readonly parent: number;
  readonly depth: number;
  readonly isOpen: boolean;
}

/** Who calls whom, the heaviest first. */
export function treeView(
  shown: Shown,
  { opened, search, threshold }: Pick<ViewState, 'opened' | 'search' | 'threshold'>,
  paths: CallPaths,
): View {
  const { profile, trees, summary, weight } = shown;
  const rows = visibleRows(shown, { opened, threshold }, paths);
  const numbers = new Map(rows.map(({ key }, row) => [key, row]));
  const matches = createMatcher(profile, search);
  const isAmongProcesses = processesOf(profile).length > 1;
  const whole = { total: summary.total, effectiveSamples: summary.effectiveSamples, unit: weight.unit };
  const at = (key: string): Row | undefined => rows[numbers.get(key) ?? -1];
  return {
    count: trees.length === 0 ? 0 : rows.length,
    firstRow: 0,
    emptyText: 'no sample yet',
    rowOf: (key) => numbers.get(key) ?? -1,
    keyAt: (row) => rows[row]?.key,
    fnAt: (key) => at(key)?.node.fn ?? undefined,
    aside: (key, step) => beside(rows, numbers.get(key) ?? -1, step),
    drawHeading(canvas) {
      canvas.grid.put(drawWeightHeadings(canvas), canvas.y, 'who calls whom', Style.Heading);
    },
    drawRow(index, canvas, chosen) {
      const { node, depth, isOpen, key } = rows[index]!;
      const { grid, y } = canvas;
      const from = drawWeights(canvas, node, whole);
      const indent = Math.min(2 * depth, MOST_INDENT, Math.floor((grid.width - from) / 2));
      const mark = isLeaf(node) ? '  ' : isOpen ? '▾ ' : '▸ ';
      const isCut = indent < 2 * depth;
      const name = grid.put(from + indent, y, isCut ? `${depth} ${mark}` : mark, Style.Dim);
      if (node.fn === null) {
        grid.put(name, y, `thread ${threadName(profile, node.thread, isAmongProcesses)}`, Style.Strong);
      } else {
        drawFunction(canvas, name, profile, node.fn, { style: matches(node.fn) ? Style.Match : Style.Plain });
      }
      finishRow(canvas, key, chosen);
    },
  };
}

/** Whether a node calls nothing, told without making what it calls. */
function isLeaf({ self, total }: CallNode): boolean {
  return total <= self;
}

/** Whether a node shows what it calls. */
export function isOpenNode(node: CallNode, key: string, opened: ViewState['opened'], total: number): boolean {
  if (isLeaf(node)) return false;
  return opened.get(key) ?? (node.fn === null || node.total >= OPEN_SHARE * total);
}

/** The nodes whose callers are all open, callers first. */
function visibleRows(
  { trees, summary }: Shown,
  { opened, threshold }: Pick<ViewState, 'opened' | 'threshold'>,
  paths: CallPaths,
): Row[] {
  const least = leastWeight(threshold, summary.total);
  const rows: Row[] = [];
  // Without recursion: stacks may be ten thousand frames deep. The next one is the last.
  const waiting: { node: CallNode; path: number; parent: number; depth: number }[] = [];
  for (const root of trees.toReversed()) {
    waiting.push({ node: root, path: paths.root(root.thread), parent: -1, depth: 0 });
  }
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, path, parent, depth } = next;
    const key = String(path);
    const isOpen = isOpenNode(node, key, opened, summary.total);
    const row = rows.push({ key, node, parent, depth, isOpen }) - 1;
    if (!isOpen) continue;
    const children = [...node.children.values()]
      .filter(({ total }) => total >= least)
      .sort((a, b) => a.total - b.total || b.fn! - a.fn!);
    for (const child of children) {
      waiting.push({ node: child, path: paths.child(path, child.fn!), parent: row, depth: depth + 1 });
    }
  }
  return rows;
}

/** To the left of a node is its caller, to the right the first that it calls. */
function beside(rows: readonly Row[], row: number, step: Step): string | undefined {
  if (step === 'left') return rows[rows[row]?.parent ?? -1]?.key;
  if (step === 'right' && rows[row + 1]?.parent === row) return rows[row + 1]!.key;
  return undefined;
}

import { type CallTree, NO_FUNCTION, ROOT } from './call-tree.js';

/** Tells whether a function is meant, from its name and file. */
export type Matcher = (name: string, file: string) => boolean;

/**
 * Understands what was typed: text, in any case, or a regular expression between slashes.
 *
 * @returns null for nothing typed
 * @throws SyntaxError when the regular expression has a mistake
 */
export function parseQuery(query: string): Matcher | null {
  const text = query.trim();
  if (text === '') return null;
  const regex = /^\/(.+)\/([gimsuy]*)$/s.exec(text);
  if (regex) {
    // With these a pattern would remember where it matched last.
    const pattern = new RegExp(regex[1]!, regex[2]!.replace(/[gy]/g, ''));
    return (name, file) => pattern.test(name) || pattern.test(file);
  }
  const lower = text.toLowerCase();
  return (name, file) => name.toLowerCase().includes(lower) || file.toLowerCase().includes(lower);
}

/** Weight of the samples with a match anywhere in their stack, each counted once. */
export function matchedWeight(tree: CallTree, isMatch: Uint8Array): number {
  const isCovered = new Uint8Array(tree.size);
  let weight = 0;
  for (let node = ROOT + 1; node < tree.size; node++) {
    const fn = tree.fn[node]!;
    if (isCovered[tree.parent[node]!]) isCovered[node] = 1;
    else if (fn !== NO_FUNCTION && isMatch[fn]) {
      isCovered[node] = 1;
      weight += tree.total[node]!;
    }
  }
  return weight;
}

import { FrameKind } from '@austin-profiler/profile';

/** What names of functions end with that are not Python, in formats that have no other place for it that is shown. */
const MARKS: readonly (readonly [kind: FrameKind, mark: string])[] = [
  [FrameKind.Native, ' [native]'],
  [FrameKind.Kernel, ' [kernel]'],
];

/** The name of a function, with its kind. */
export function markedName(name: string, kind: FrameKind): string {
  const mark = MARKS.find(([marked]) => marked === kind)?.[1] ?? '';
  return `${name}${mark}`;
}

/** The name without its mark, and the kind if it had one. */
export function withoutMark(name: string): { readonly name: string; readonly kind?: FrameKind } {
  const found = MARKS.find(([, mark]) => name.endsWith(mark) && name.length > mark.length);
  return found ? { name: name.slice(0, -found[1].length), kind: found[0] } : { name };
}

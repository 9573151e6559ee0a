import { GARBAGE_COLLECTION, INVALID_STACK, LIGHTER_PATHS } from '../../../synthetic-names.js';
import { ROOT } from './call-tree.js';
import { codeKind } from './colours.js';
import type { Recording } from './recording.js';

/** What a thread did, as the lanes of the time line tell it apart, in the order they are stacked from below. */
export const ACTIVITIES = ['own', 'library', 'native', 'gc', 'invalid', 'idle'] as const;
export type Activity = (typeof ACTIVITIES)[number];

export const ACTIVITY_TITLES: Record<Activity, string> = {
  own: 'your code',
  library: 'libraries',
  native: 'native, kernel, or no Python frames',
  gc: 'garbage collection',
  invalid: 'invalid stack',
  idle: 'off CPU',
};

/** What frames that we add stand for; `above` is whatever they are part of. */
const ADDED: Record<string, Activity | 'above' | undefined> = {
  [GARBAGE_COLLECTION]: 'gc',
  [INVALID_STACK]: 'invalid',
  [LIGHTER_PATHS]: 'above',
};

/** The activity of each node, from its innermost frame: an index into {@link ACTIVITIES}. */
export function activities({ payload, size, parent, frame }: Recording): Uint8Array {
  const { functions, frames, strings } = payload;
  const ofFunction = functions.name.map((name, fn) => {
    const kind = codeKind(functions.kind[fn]!, strings[functions.file[fn]!]!);
    if (kind !== 'synthetic') return kind === 'kernel' ? 'native' : kind;
    return ADDED[strings[name]!] ?? 'native';
  });
  const found = new Uint8Array(size);
  const invalid = ACTIVITIES.indexOf('invalid');
  for (let node = ROOT + 1; node < size; node++) {
    const above = parent[node]!;
    const activity = ofFunction[frames.fn[frame[node]!]!]!;
    const isInvalid = above !== ROOT && found[above] === invalid;
    if (isInvalid || activity === 'above') found[node] = above === ROOT ? 0 : found[above]!;
    else found[node] = ACTIVITIES.indexOf(activity);
  }
  return found;
}

import type { FunctionId, Profile } from '@austin-profiler/profile';
import { functionFile, functionName } from '../model/names.js';

/** Tells which functions a search means; none where nothing is searched. */
export type Matcher = (fn: FunctionId) => boolean;

/** Finds the text in the name or the file of a function, whatever the case of its letters. Asks once for each function. */
export function createMatcher(profile: Profile, search: string): Matcher {
  if (search === '') return () => false;
  const wanted = search.toLowerCase();
  const known: boolean[] = [];
  return (fn) => {
    known[fn] ??=
      functionName(profile, fn).toLowerCase().includes(wanted) ||
      functionFile(profile, fn).toLowerCase().includes(wanted);
    return known[fn];
  };
}

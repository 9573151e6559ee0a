import type { ProfileTables, StackId } from '@austin-profiler/profile';
import { LIGHTER_PATHS } from '../synthetic-names.js';

/** A stack that was cut because what continued it weighed too little, with a frame that says so. */
export function foldedStack(tables: ProfileTables, stack: StackId): StackId {
  const fn = tables.internFunction(tables.internString(LIGHTER_PATHS), tables.internString(''));
  return tables.internStack(stack, tables.internFrame(fn));
}

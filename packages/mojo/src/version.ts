import { AustinError } from '@austin-profiler/profile';
import type { MojoInt } from './wire/varint.js';

/** The versions of the format that exist. What each added is said by the predicates below. */
export type MojoVersion = 1 | 2 | 3 | 4;

/** The version written unless asked otherwise: every published reader knows it. */
export const DEFAULT_MOJO_VERSION: MojoVersion = 3;

/** "MOJ", the first three bytes of every file; the version follows as an integer. */
export const MAGIC: readonly number[] = [0x4d, 0x4f, 0x4a];

/** FRAME carries line_end, column and column_end. */
export function hasPositions(version: MojoVersion): boolean {
  return version >= 2;
}

/** STACK carries the interpreter id. */
export function hasInterpreterId(version: MojoVersion): boolean {
  return version >= 3;
}

/** STACK_REPEAT exists, and so may the task events that came later without a new version. */
export function hasRepeats(version: MojoVersion): boolean {
  return version >= 4;
}

/**
 * The version a header names.
 *
 * @throws AustinError `ERR_MOJO_VERSION` for any but 1 to 4: events carry no length, so guessing would misread
 */
export function checkVersion(value: MojoInt): MojoVersion {
  if (value === 1 || value === 2 || value === 3 || value === 4) return value;
  throw new AustinError('ERR_MOJO_VERSION', `This is MOJO version ${value}; versions 1 to 4 can be read.`, {
    kind: 'data',
    offset: MAGIC.length,
    hint: 'If a newer recorder wrote the file, a newer reader is needed; otherwise the file is damaged.',
  });
}

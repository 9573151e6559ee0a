import { FrameKind, type ProfileTables } from './tables.js';
import type { FunctionId } from './units.js';

/** Where Python keeps packages that were installed: of Debian in the second folder. */
const INSTALLED = /[\\/](?:site|dist)-packages[\\/]/;

/** The standard library: `/usr/lib/python3.12/`, `lib64`, PyPy's, a zip file, and its folder on Windows. */
const STANDARD_LIBRARY =
  /[\\/]lib(?:64)?[\\/](?:python|pypy)\d[^\\/]*[\\/]|[\\/]python\d+\.zip[\\/]|[\\/]python3?\d*[\\/]lib[\\/]/i;

/** Code that comes from no file and that nobody wrote here. What is typed in or executed from a string is not among it. */
const GENERATED = /^<(?:frozen |attrs generated |__array_function__ internals)/;

/** Tells from the name of its file whether code is the user's: not the standard library's, nor an installed package's. */
export function isOwnFile(file: string): boolean {
  return !INSTALLED.test(file) && !STANDARD_LIBRARY.test(file) && !GENERATED.test(file);
}

/** Tells whether a function is the user's own: Python, and in a file of {@link isOwnFile}. */
export function isOwnFunction(tables: ProfileTables, fn: FunctionId): boolean {
  return tables.functionKind(fn) === FrameKind.Python && isOwnFile(tables.string(tables.functionFile(fn)));
}

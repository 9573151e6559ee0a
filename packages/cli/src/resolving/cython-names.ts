/** What Cython puts before the names of functions it makes: a variant of fused types, then the kind of function. */
const PREFIX = /^(?:__pyx_fuse_\d+)*__pyx_(f|pw|pf|gb)_/;

/** A variant of fused types may stand in the name itself, too. */
const FUSED = /^(?:__pyx_fuse_\d+)+/;

/**
 * The dotted name of a function that Cython has compiled, for its symbol; undefined for other symbols. The module and the
 * classes stand in the symbol with their lengths, the function at the end with a counter or, of some kinds, without anything:
 * `__pyx_pw_11test_cython_13fused_func` is `test_cython.fused_func`.
 */
export function cythonName(symbol: string): string | undefined {
  const match = PREFIX.exec(symbol);
  if (!match) return undefined;
  const parts: string[] = [];
  let rest = symbol.slice(match[0].length);
  for (;;) {
    const end = endOfPart(rest, match[1] === 'pw' || match[1] === 'gb');
    if (end === undefined) break;
    parts.push(rest.slice(0, end).replace(/^\d+/, ''));
    rest = rest.slice(end + 1);
  }
  const name = rest.replace(/^\d+/, '').replace(FUSED, '');
  return parts.length === 0 || name === '' ? undefined : [...parts, name].join('.');
}

/** Whether the symbol is that of the function that Python calls, which only unpacks arguments for the one with the code. */
export function isCythonWrapper(symbol: string): boolean {
  return PREFIX.exec(symbol)?.[1] === 'pw';
}

/** Where a part with its length in front ends, if another one, or the function, follows. */
function endOfPart(text: string, hasCounter: boolean): number | undefined {
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined) return undefined;
  const end = digits.length + Number(digits);
  return (hasCounter ? /^_\d/ : /^_+[^_]/).test(text.slice(end)) ? end : undefined;
}

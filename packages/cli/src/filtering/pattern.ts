import { AustinError } from '@austin-profiler/profile';
import { RE2JS, RE2JSException } from 're2js';
import { printable } from '../output/printable.js';

/** A pattern of this length is an accident. The time of a match grows with it. */
const MAX_LENGTH = 1000;

/** Tells whether a text has a match anywhere in it. */
export type TextTest = (text: string) => boolean;

/**
 * Compiles regular expressions of RE2's syntax, any of which may match. RE2 never goes back in a text, so no expression and no
 * name can make it take long; that is why it has no look-around and no back-references.
 *
 * @throws AustinError `ERR_USAGE_PATTERN`
 */
export function compilePatterns(flag: string, patterns: readonly string[]): TextTest {
  const compiled = patterns.map((pattern) => compile(flag, pattern));
  return (text) => compiled.some((regex) => regex.test(text));
}

function compile(flag: string, pattern: string): RE2JS {
  if (pattern.length > MAX_LENGTH) {
    throw refusal(flag, `${pattern.slice(0, 20)}…`, `it is longer than ${MAX_LENGTH} characters`);
  }
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw refusal(flag, pattern, error.message.replace(/^error parsing regexp: /, ''), error);
  }
}

function refusal(flag: string, pattern: string, reason: string, cause?: unknown): AustinError {
  return new AustinError(
    'ERR_USAGE_PATTERN',
    `\`${flag} ${printable(pattern)}\` cannot be used: ${printable(reason)}`,
    {
      kind: 'usage',
      hint: 'write a regular expression of RE2 (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references',
      cause,
    },
  );
}

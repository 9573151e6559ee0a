import { basename } from 'node:path';
import type { SnapshotFrame } from '@austin-profiler/sampler';
import type { Colors } from './colors.js';
import { printable } from './printable.js';

/** One line for a frame, `folder/file:line:column  function`, and one for each of its variables, where they are known. */
export function frameText(frame: SnapshotFrame, colors: Colors, indent: string): string {
  const file = printable(frame.file);
  const base = basename(file);
  const folder = file.slice(0, file.length - base.length);
  const line = frame.line > 0 ? `:${frame.line}` : '';
  const column = line && frame.column > 0 ? `:${frame.column}` : '';
  const variables = (frame.locals ?? []).map(
    ({ name, value }) => `${indent}    ${colors.dim(`${printable(name)} =`)} ${printable(value)}`,
  );
  if (frame.localsUnreadable) {
    variables.push(`${indent}    ${colors.dim('went on before its variables could be read')}`);
  }
  return [
    `${indent}${colors.dim(folder)}${base}${line}${column}  ${colors.cyan(printable(frame.name))}`,
    ...variables,
  ].join('\n');
}

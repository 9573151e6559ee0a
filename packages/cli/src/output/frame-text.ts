import { basename } from 'node:path';
import type { SnapshotFrame } from '@austin-profiler/sampler';
import type { Colors } from './colors.js';
import { printable } from './printable.js';

/** One line for a frame, `folder/file:line:column  function`, and one for each of its variables, where they are known. */
export function frameText(frame: SnapshotFrame, colors: Colors, indent: string): string {
  if (frame.kind !== undefined) return `${indent}${machineCodeText(frame, colors)}`;
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

/**
 * Machine code is known by its library, and how far it is in its function: `libz.so.1+0x1f  deflate`. The kernel has neither.
 */
function machineCodeText({ kind, name, module, address, offset = 0 }: SnapshotFrame, colors: Colors): string {
  if (kind === 'kernel') return `${colors.dim('kernel')}  ${colors.magenta(printable(name))}`;
  const place = module === undefined ? `0x${address}` : printable(basename(module));
  const distance = offset > 0 ? `+0x${offset.toString(16)}` : '';
  return `${colors.dim(`${place}${distance}`)}  ${colors.green(printable(name))}`;
}

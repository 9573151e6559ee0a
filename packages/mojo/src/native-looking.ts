import { type FrameId, FrameKind, type ProfileTables } from '@austin-profiler/profile';

/** Whether a file name is that of Python code for every reader: `*.py`, or a made-up name such as `<string>`. */
export function isPythonFileName(file: string): boolean {
  return file.endsWith('.py') || (file.startsWith('<') && file.endsWith('>'));
}

/**
 * Whether a frame counts as native where STACK_REPEAT drops native frames. Beyond what is known to be, the file name alone
 * would also catch Python scripts without `.py`; those carry columns from Python 3.11 on, native frames never do.
 */
export function isNativeLooking(tables: ProfileTables, frame: FrameId): boolean {
  const fn = tables.frameFunction(frame);
  if (tables.functionKind(fn) !== FrameKind.Python) return true;
  if (isPythonFileName(tables.string(tables.functionFile(fn)))) return false;
  return (
    tables.frameLineEnd(frame) === 0 && tables.frameColumn(frame) === 0 && tables.frameColumnEnd(frame) === 0
  );
}

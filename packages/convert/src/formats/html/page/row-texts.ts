import { codeKind, type Paint, paintOf } from './colours.js';
import type { RowInfo } from './rows.js';

/** `file:line`, as much of it as is known. */
export function placeText({ file, line }: Pick<RowInfo, 'file' | 'line'>): string {
  return line > 0 ? `${file}:${line}` : file;
}

export function kindText(info: RowInfo): string {
  switch (codeKind(info.kind, info.file)) {
    case 'own':
      return 'your code';
    case 'library':
      return 'Python library';
    case 'native':
      return 'native code';
    case 'kernel':
      return 'kernel';
    case 'synthetic':
      return '';
  }
}

export function rowPaints(infos: readonly RowInfo[], isDark: boolean): Paint[] {
  return infos.map(({ kind, file }) => paintOf(codeKind(kind, file), file, isDark));
}

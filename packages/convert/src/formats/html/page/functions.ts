import { UNNAMED } from '../../../synthetic-names.js';
import { codeKind, type Paint, paintOf } from './colours.js';
import { type Payload, RowKind } from './payload.js';

/** What a row of functions says, resolved. After the functions come the threads, for graphs split by thread. */
export interface FunctionInfo {
  readonly name: string;
  readonly file: string;
  /** From 1; 0 is unknown. */
  readonly line: number;
  readonly kind: number;
}

export function functionInfos(payload: Payload): FunctionInfo[] {
  const { functions, strings, threads } = payload;
  const infos = functions.name.map((name, fn) => ({
    name: strings[name]! || UNNAMED,
    file: strings[functions.file[fn]!]!,
    line: functions.line[fn]!,
    kind: functions.kind[fn]!,
  }));
  for (let thread = 0; thread < threads.label.length; thread++) {
    infos.push({ name: threadTitle(payload, thread), file: '', line: 0, kind: RowKind.Synthetic });
  }
  return infos;
}

export function threadTitle(payload: Payload, thread: number): string {
  return `${payload.threads.label[thread]} in process ${payload.threads.pid[thread]}`;
}

/** `file:line`, as much of it as is known. */
export function placeText({ file, line }: FunctionInfo): string {
  return line > 0 ? `${file}:${line}` : file;
}

export function kindText(info: FunctionInfo): string {
  switch (codeKind(info.kind, info.file)) {
    case 'own':
      return 'Python';
    case 'library':
      return 'Python library';
    case 'native':
      return info.kind === RowKind.Kernel ? 'kernel' : 'native code';
    case 'synthetic':
      return '';
  }
}

export function functionPaints(infos: readonly FunctionInfo[], isDark: boolean): Paint[] {
  return infos.map(({ kind, file }) => paintOf(codeKind(kind, file), file, isDark));
}

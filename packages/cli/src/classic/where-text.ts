import type { Snapshot, SnapshotFrame } from '@austin-profiler/sampler';
import { printable } from '../output/printable.js';

/** The stacks of one process, as where mode shows them. */
export interface WhereProcess {
  readonly snapshot: Snapshot;
  readonly isChild: boolean;
}

/** SGR codes. */
const COLOURS = {
  pid: '35;1',
  thread: '34;1',
  scope: '33;1',
  file: '36;1',
  line: '32;1',
  nativeScope: '38;5;246',
  nativeFile: '38;5;248;1',
  nativeLine: '38;5;246',
  kernel: '38;5;159',
} as const;

/**
 * The report of where mode: a block per thread, newest first, with the outermost call on top.
 *
 * @param options.children whether children are marked, as Austin 3 does
 */
export function whereText(
  processes: readonly WhereProcess[],
  options: { colored: boolean; markChildren: boolean },
): string {
  const paint: Paint = (what, text) => (options.colored ? `\x1b[${COLOURS[what]}m${text}\x1b[0m` : `${text}`);
  const lines: string[] = [];
  for (const { snapshot, isChild } of processes) {
    for (const thread of snapshot.threads) {
      const icon = thread.state === 'running' ? '🚀' : '💤';
      const child = isChild && options.markChildren ? '🧒' : '';
      const id = paint('thread', `${thread.iid}:${thread.tid}`);
      lines.push('', '', `${icon}${child} Process ${paint('pid', snapshot.target.pid)} 🧵 Thread ${id}`, '');
      if (thread.quality === 'cut' || thread.quality === 'invalid') lines.push(';:INVALID:');
      for (const frame of thread.frames) {
        lines.push(`    ${frameText(frame, paint)}`);
      }
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

type Paint = (what: keyof typeof COLOURS, text: string | number) => string;

/** Of compiled code the library stands in place of the file, and how far it is in its function in place of the line. */
function frameText(frame: SnapshotFrame, paint: Paint): string {
  const name = printable(frame.name);
  if (frame.kind === 'kernel') return `${paint('kernel', name)} 🐧`;
  if (frame.kind === 'native') {
    const file = paint('nativeFile', printable(frame.module ?? frame.file));
    return `${paint('nativeScope', name)} (${file}:${paint('nativeLine', frame.offset ?? 0)})`;
  }
  return `${paint('scope', name)} (${paint('file', printable(frame.file))}:${paint('line', frame.line)})`;
}

import type { Snapshot } from '@austin-profiler/sampler';
import { printable } from '../output/printable.js';

/** The stacks of one process, as where mode shows them. */
export interface WhereProcess {
  readonly snapshot: Snapshot;
  readonly isChild: boolean;
}

/** SGR codes. */
const COLOURS = { pid: '35;1', thread: '34;1', scope: '33;1', file: '36;1', line: '32;1' } as const;

/**
 * The report of where mode: a block per thread, newest first, with the outermost call on top.
 *
 * @param options.children whether children are marked, as Austin 3 does
 */
export function whereText(
  processes: readonly WhereProcess[],
  options: { colored: boolean; markChildren: boolean },
): string {
  const paint = (what: keyof typeof COLOURS, text: string | number): string =>
    options.colored ? `\x1b[${COLOURS[what]}m${text}\x1b[0m` : `${text}`;
  const lines: string[] = [];
  for (const { snapshot, isChild } of processes) {
    for (const thread of snapshot.threads) {
      const icon = thread.state === 'running' ? '🚀' : '💤';
      const child = isChild && options.markChildren ? '🧒' : '';
      const id = paint('thread', `${thread.iid}:${thread.tid}`);
      lines.push('', '', `${icon}${child} Process ${paint('pid', snapshot.target.pid)} 🧵 Thread ${id}`, '');
      if (thread.quality === 'cut' || thread.quality === 'invalid') lines.push(';:INVALID:');
      for (const frame of thread.frames) {
        const scope = paint('scope', printable(frame.name));
        const file = paint('file', printable(frame.file));
        lines.push(`    ${scope} (${file}:${paint('line', frame.line)})`);
      }
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

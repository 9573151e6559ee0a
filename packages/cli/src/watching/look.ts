import type { Snapshot, SnapshotTree } from '@austin-profiler/sampler';
import type { Colors } from '../output/colors.js';
import { printable } from '../output/printable.js';
import { snapshotText } from '../output/snapshot-text.js';
import { commandOf } from '../recording/proc.js';

export interface LookOptions {
  readonly locals?: boolean;
  readonly native?: boolean;
  readonly kernel?: boolean;
  readonly children?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What one look found, and when: a process, or a tree of them. */
export type Seen = { readonly time: string } & (Snapshot | SnapshotTree);

export async function look(pid: number, options: LookOptions): Promise<Seen> {
  const { takeSnapshot } = await import('@austin-profiler/sampler');
  const { children, locals = false, native = false, kernel = false, timeoutMs, signal } = options;
  const wanted = {
    locals,
    native,
    kernel,
    tasks: true,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal && { signal }),
  };
  const time = new Date().toISOString();
  if (!children) return { time, ...(await takeSnapshot(pid, wanted)) };
  return { time, ...(await takeSnapshot(pid, { ...wanted, children: true })) };
}

/** For `--json`; docs/cli.md tells the fields. */
export function seenJson(seen: Seen): unknown {
  if (!('processes' in seen)) return seen;
  const unread = seen.unread.map(({ pid, error }) => ({ pid, code: error.code, message: error.message }));
  return { ...seen, unread };
}

/** For people. */
export function seenText(seen: Seen, askedPid: number, colors: Colors): string {
  const text = (snapshot: Snapshot) =>
    snapshotText(snapshot, { askedPid, command: commandOf(snapshot.target.pid), colors });
  if (!('processes' in seen)) return text(seen);
  const unread = seen.unread.map(({ pid, error }) =>
    colors.yellow(`Process ${pid} could not be read: ${printable(error.message)}`),
  );
  return [...seen.processes.map(text), ...unread].join('\n\n\n');
}

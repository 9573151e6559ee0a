import { loadAddon } from './load-addon.js';
import type { NativeFailure, NativeSnapshotTree } from './native.js';
import { toSamplerError } from './native-failure.js';
import { requireKernel, requireNative } from './native-option.js';
import type { Snapshot, SnapshotOptions, SnapshotTree } from './snapshot.js';
import { MAX_INT32, requireInteger } from './validation.js';

/**
 * Looks at a process once, without stopping it. If it is not Python itself, the first Python process found below it is taken;
 * with `children`, every Python process of the tree.
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_ADDON_LOAD`, `ERR_PROCESS_GONE`, `ERR_PERMISSION_PTRACE`, `ERR_NOT_PYTHON`,
 * `ERR_PYTHON_UNSUPPORTED`, `ERR_PYTHON_LAYOUT`, `ERR_NATIVE_UNSUPPORTED`
 */
export function takeSnapshot(
  pid: number,
  options: SnapshotOptions & { readonly children: true },
): Promise<SnapshotTree>;
export function takeSnapshot(
  pid: number,
  options?: SnapshotOptions & { readonly children?: false },
): Promise<Snapshot>;
export async function takeSnapshot(
  pid: number,
  options: SnapshotOptions & { readonly children?: boolean } = {},
): Promise<Snapshot | SnapshotTree> {
  const tree = await look(pid, options);
  if (!options.children) return tree.processes[0]!;
  const unread = tree.unread.map((failure) => ({
    pid: failure.pid,
    error: toSamplerError(failure, failure.pid),
  }));
  return { processes: tree.processes, unread };
}

async function look(
  pid: number,
  options: SnapshotOptions & { readonly children?: boolean },
): Promise<NativeSnapshotTree> {
  requireInteger('pid', pid, 1, MAX_INT32);
  const timeoutMs = requireInteger('timeoutMs', options.timeoutMs ?? 1000, 0, MAX_INT32);
  const patienceMs = requireInteger('patienceMs', options.patienceMs ?? 3000, 0, MAX_INT32);
  const { signal } = options;
  signal?.throwIfAborted();
  const native = loadAddon().snapshot({
    pid,
    timeoutMs,
    patienceMs,
    children: options.children ?? false,
    locals: options.locals ?? false,
    tasks: options.tasks ?? false,
    native: requireNative(options.native ?? false) !== '',
    kernel: requireKernel(options.kernel ?? false),
  });
  const cancel = () => native.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const tree = await native.finished;
    signal?.throwIfAborted();
    return tree;
  } catch (error) {
    signal?.throwIfAborted();
    throw toSamplerError(error as NativeFailure, pid);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

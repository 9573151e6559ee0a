import { loadAddon } from './load-addon.js';
import type { MemoryAccess, ThreadGrants } from './native.js';
import { requirePid } from './sampler.js';

/**
 * Whether the operating system lets this process read another one, by trying to: one byte of it is read. A process that
 * is gone, a zombie or a kernel thread answers with `ESRCH` (3).
 *
 * @throws SamplerError `ERR_SAMPLER_OPTION`, `ERR_ADDON_LOAD`
 */
export function probeMemory(pid: number): MemoryAccess {
  requirePid(pid);
  return loadAddon().probeMemory(pid);
}

/**
 * What a sampling thread would be granted on this machine, by asking for it. Blocks for about a millisecond.
 *
 * @throws SamplerError `ERR_ADDON_LOAD`
 */
export function probeThread(): ThreadGrants {
  return loadAddon().probeThread();
}

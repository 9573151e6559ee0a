import { type Code, FrameKind } from '@austin-profiler/profile';
import { KERNEL_FILE, NATIVE_FILE, PYTHON_MAPPING } from './mappings.js';
import type { LocationFields, MappingFields } from './message.js';

/** What a location's mapping says of its code; nothing where that is not known to be machine code. */
export interface MachineCode {
  readonly kind?: FrameKind;
  readonly code?: Code;
}

/** A mapping, with its texts. */
export interface NamedMapping {
  readonly fields: MappingFields;
  readonly file: string;
  readonly buildId: string;
}

/**
 * Tells machine code by its mapping. The first one is that of the main program, and says nothing: other profilers put everything
 * there, whatever it is written in.
 *
 * @param sourceFile of the function
 * @param isCall the location called another: pprof has the address of the call, and a profile the one that it returns to
 */
export function machineCodeOf(
  location: LocationFields,
  mapping: NamedMapping | undefined,
  sourceFile: string,
  isCall: boolean,
): MachineCode {
  if (!mapping || Number(mapping.fields.id) === PYTHON_MAPPING) return {};
  const { file, buildId, fields } = mapping;
  if (file.startsWith(KERNEL_FILE.slice(0, -1))) return { kind: FrameKind.Kernel };
  const [start, end] = [toBigInt(fields.memoryStart), toBigInt(fields.memoryLimit)];
  if (end === 0n) return file === NATIVE_FILE || file === sourceFile ? { kind: FrameKind.Native } : {};
  const at = toBigInt(location.address);
  const base = start - toBigInt(fields.fileOffset);
  if (at < start || at >= end || base < 0n) return {};
  const hex = (address: bigint): string => address.toString(16);
  const code = {
    address: hex(isCall ? at + 1n : at),
    offset: 0,
    mapping: {
      path: file,
      start: hex(start),
      end: hex(end),
      base: hex(base),
      ...(/^[0-9a-f]+$/.test(buildId) && { buildId }),
    },
  };
  return { kind: FrameKind.Native, code };
}

/** A number of 64 bits as it was decoded: as one, or in two halves. */
function toBigInt(value: unknown): bigint {
  if (typeof value === 'number') return BigInt(value);
  const { low = 0, high = 0 } = (value ?? {}) as { low?: number; high?: number };
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

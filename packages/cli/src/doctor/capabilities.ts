/** Capabilities that matter here, by the bit that the kernel gives them (linux/capability.h). */
export const CAPABILITIES = {
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_NICE: 23,
  CAP_CHECKPOINT_RESTORE: 40,
} as const;

export type CapabilityName = keyof typeof CAPABILITIES;

/** A set of capabilities, as bits. */
export type CapabilitySet = bigint;

/** Reads a set as `/proc/PID/status` writes it: hexadecimal digits. */
export function parseCapabilities(text: string | undefined): CapabilitySet {
  return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : 0n;
}

export function hasCapability(set: CapabilitySet, name: CapabilityName): boolean {
  return ((set >> BigInt(CAPABILITIES[name])) & 1n) === 1n;
}

/** Whether everything in `some` is in `all`, too. */
export function includesAll(all: CapabilitySet, some: CapabilitySet): boolean {
  return (some & ~all) === 0n;
}

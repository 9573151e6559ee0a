import { closeSync, openSync, readSync, statSync } from 'node:fs';

const PT_LOAD = 1;

/** No linker writes nearly as many. */
const MAX_SEGMENTS = 4096;

/**
 * The address that an ELF file itself gives its first byte: 0 for libraries and position-independent programs, some other for
 * programs that are linked to run at one place. Layouts: System V ABI, "ELF Header" and "Program Header".
 *
 * @returns undefined for a file that is no ELF image
 * @throws Error of the system
 */
export function elfBase(path: string): bigint | undefined {
  // A pipe would wait for somebody to open its other end.
  if (!statSync(path).isFile()) return undefined;
  const fd = openSync(path, 'r');
  try {
    return baseOf((offset, length) => read(fd, offset, length));
  } finally {
    closeSync(fd);
  }
}

type Read = (offset: number, length: number) => DataView | undefined;

function baseOf(readAt: Read): bigint | undefined {
  const head = readAt(0, 64);
  if (head?.getUint32(0) !== 0x7f454c46) return undefined;
  const is64 = head.getUint8(4) === 2;
  const little = head.getUint8(5) === 1;
  const word = (view: DataView, at: number): bigint =>
    is64 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
  const tableOffset = Number(word(head, is64 ? 32 : 28));
  const entrySize = head.getUint16(is64 ? 54 : 42, little);
  const count = Math.min(head.getUint16(is64 ? 56 : 44, little), MAX_SEGMENTS);
  if (entrySize < (is64 ? 56 : 32)) return undefined;
  const table = readAt(tableOffset, entrySize * count);
  if (!table) return undefined;
  for (let at = 0; at < table.byteLength; at += entrySize) {
    if (table.getUint32(at, little) !== PT_LOAD) continue;
    // Segments that are loaded stand in the order of their addresses.
    const offset = word(table, at + (is64 ? 8 : 4));
    const address = word(table, at + (is64 ? 16 : 8));
    return address - offset;
  }
  return undefined;
}

function read(fd: number, offset: number, length: number): DataView | undefined {
  const bytes = new Uint8Array(length);
  return readSync(fd, bytes, 0, length, offset) === length ? new DataView(bytes.buffer) : undefined;
}

import { closeSync, openSync, readSync, statSync } from 'node:fs';

const PT_LOAD = 1;
const PT_NOTE = 4;
const SHT_NOTE = 7;
/** The type of the note that holds the build id. */
const NT_GNU_BUILD_ID = 3;

/** No linker writes nearly as many. */
const MAX_ENTRIES = 4096;
/** Of a section that is read whole. */
const MAX_SECTION = 1 << 16;

/** What an ELF file says of itself. Layouts: System V ABI, "ELF Header", "Program Header", "Sections", "Note Section". */
export interface ElfFile {
  /** The address that the file itself gives its first byte: 0 but for programs that are linked to run at one place. */
  readonly base: bigint;
  /** In lower-case hex; undefined if it has none. */
  readonly buildId: string | undefined;
  /** The name of the file to which its debug information was moved (`.gnu_debuglink`). */
  readonly debugLink: string | undefined;
}

/**
 * @returns undefined for a file that is no ELF image
 * @throws Error of the system
 */
export function readElfFile(path: string): ElfFile | undefined {
  // A pipe would wait for somebody to open its other end.
  if (!statSync(path).isFile()) return undefined;
  const fd = openSync(path, 'r');
  try {
    return new ElfReader((offset, length) => read(fd, offset, length)).read();
  } finally {
    closeSync(fd);
  }
}

type Read = (offset: number, length: number) => DataView | undefined;

/** A segment, or a section. */
interface Part {
  readonly type: number;
  readonly name: number;
  readonly offset: number;
  readonly size: number;
  readonly address: bigint;
}

class ElfReader {
  readonly #readAt: Read;
  #is64 = true;
  #little = true;

  constructor(readAt: Read) {
    this.#readAt = readAt;
  }

  read(): ElfFile | undefined {
    const head = this.#readAt(0, 64);
    if (head?.getUint32(0) !== 0x7f454c46) return undefined;
    this.#is64 = head.getUint8(4) === 2;
    this.#little = head.getUint8(5) === 1;
    const half = (of64: number, of32: number): number =>
      head.getUint16(this.#is64 ? of64 : of32, this.#little);
    const segments = this.#segments(this.#word(head, 32, 28), half(54, 42), half(56, 44));
    const load = segments.find(({ type }) => type === PT_LOAD);
    if (!load) return undefined;
    const sections = this.#sections(this.#word(head, 40, 32), half(58, 46), half(60, 48));
    const names = sections[half(62, 50)];
    const notes = [
      ...sections.filter(({ type }) => type === SHT_NOTE),
      ...segments.filter(({ type }) => type === PT_NOTE),
    ];
    return {
      // Segments that are loaded stand in the order of their addresses.
      base: load.address - BigInt(load.offset),
      buildId: notes.map((note) => this.#buildId(note)).find((id) => id !== undefined),
      debugLink: names && this.#debugLink(sections, names),
    };
  }

  #segments(offset: number, size: number, count: number): Part[] {
    return this.#parts(offset, size, count, this.#is64 ? 56 : 32, (entry) => ({
      type: entry.getUint32(0, this.#little),
      name: 0,
      offset: this.#word(entry, 8, 4),
      address: this.#address(entry, 16, 8),
      size: this.#word(entry, 32, 16),
    }));
  }

  #sections(offset: number, size: number, count: number): Part[] {
    return this.#parts(offset, size, count, this.#is64 ? 64 : 40, (entry) => ({
      type: entry.getUint32(4, this.#little),
      name: entry.getUint32(0, this.#little),
      address: this.#address(entry, 16, 12),
      offset: this.#word(entry, 24, 16),
      size: this.#word(entry, 32, 20),
    }));
  }

  #parts(
    offset: number,
    size: number,
    count: number,
    least: number,
    make: (entry: DataView) => Part,
  ): Part[] {
    const number = Math.min(count, MAX_ENTRIES);
    const table = size < least || number === 0 ? undefined : this.#readAt(offset, size * number);
    if (!table) return [];
    return Array.from({ length: number }, (_, at) => make(new DataView(table.buffer, at * size, size)));
  }

  /** Notes stand one after the other: lengths of name and content, type, name, content, each filled up to four bytes. */
  #buildId({ offset, size }: Part): string | undefined {
    const notes = this.#readAt(offset, Math.min(size, MAX_SECTION));
    if (!notes) return undefined;
    for (let at = 0; at + 12 <= notes.byteLength; ) {
      const [nameSize, contentSize, type] = [0, 4, 8].map((skip) => notes.getUint32(at + skip, this.#little));
      const content = at + 12 + padded(nameSize!);
      const end = content + contentSize!;
      if (end > notes.byteLength) return undefined;
      if (type === NT_GNU_BUILD_ID && text(notes, at + 12) === 'GNU' && contentSize! > 0) {
        return Buffer.from(notes.buffer, content, contentSize!).toString('hex');
      }
      at = content + padded(contentSize!);
    }
    return undefined;
  }

  #debugLink(sections: readonly Part[], names: Part): string | undefined {
    const table = this.#readAt(names.offset, Math.min(names.size, MAX_SECTION));
    if (!table) return undefined;
    const link = sections.find(({ name }) => text(table, name) === '.gnu_debuglink');
    const content = link && this.#readAt(link.offset, Math.min(link.size, MAX_SECTION));
    const name = content && text(content, 0);
    // It names a file, and no way to one.
    return name === undefined || name === '' || name.includes('/') ? undefined : name;
  }

  #word(view: DataView, of64: number, of32: number): number {
    return Number(this.#address(view, of64, of32));
  }

  #address(view: DataView, of64: number, of32: number): bigint {
    return this.#is64 ? view.getBigUint64(of64, this.#little) : BigInt(view.getUint32(of32, this.#little));
  }
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** A text that ends with a zero byte. */
function text(view: DataView, at: number): string {
  let end = at;
  while (end < view.byteLength && view.getUint8(end) !== 0) end++;
  return at >= end ? '' : Buffer.from(view.buffer, at, end - at).toString();
}

function read(fd: number, offset: number, length: number): DataView | undefined {
  if (!Number.isSafeInteger(offset) || length <= 0) return undefined;
  const bytes = new Uint8Array(length);
  return readSync(fd, bytes, 0, length, offset) === length ? new DataView(bytes.buffer) : undefined;
}

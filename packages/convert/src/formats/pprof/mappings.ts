import { FrameKind, type FunctionId, type Mapping, type ProfileTables } from '@austin-profiler/profile';
import type { Location } from './locations.js';

/** The mapping that Python code is of, and the first: pprof invents one where it finds none. */
export const PYTHON_MAPPING = 1;

/** What stands in place of a file where there is none, as in other profiles that pprof reads. */
export const KERNEL_FILE = '[kernel]';
export const NATIVE_FILE = '[native]';

/** A mapping as pprof has it. Addresses of 64 bits; 0 is unknown. */
export interface NumberedMapping {
  readonly id: number;
  readonly filename: string;
  readonly start: bigint;
  readonly limit: bigint;
  readonly offset: bigint;
  readonly buildId: string;
}

/** Numbers what code comes from: the program that Python runs, and files of machine code. */
export class MappingList {
  readonly #tables: ProfileTables;
  readonly #ids = new Map<Mapping | string, number>();
  readonly #list: NumberedMapping[] = [];

  /** @param program what the first mapping is called */
  constructor(tables: ProfileTables, program: string) {
    this.#tables = tables;
    this.#list.push({ id: PYTHON_MAPPING, ...withoutPlace(program) });
  }

  /** The id of a location's mapping. */
  id({ fn, code }: Location): number {
    if (code) return this.#number(code.mapping, () => ofMapping(code.mapping));
    const kind = fn === null ? FrameKind.Python : this.#tables.functionKind(fn);
    if (kind === FrameKind.Python) return PYTHON_MAPPING;
    const filename = kind === FrameKind.Kernel ? KERNEL_FILE : this.#file(fn!);
    return this.#number(filename, () => withoutPlace(filename));
  }

  /** Every mapping, in order of its id. Ask after all locations. */
  get all(): readonly NumberedMapping[] {
    return this.#list;
  }

  #file(fn: FunctionId): string {
    const file = this.#tables.string(this.#tables.functionFile(fn));
    return file === '' || file === KERNEL_FILE ? NATIVE_FILE : file;
  }

  #number(key: Mapping | string, make: () => Omit<NumberedMapping, 'id'>): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = PYTHON_MAPPING + this.#list.length;
      this.#ids.set(key, id);
      this.#list.push({ id, ...make() });
    }
    return id;
  }
}

function withoutPlace(filename: string): Omit<NumberedMapping, 'id'> {
  return { filename, start: 0n, limit: 0n, offset: 0n, buildId: '' };
}

function ofMapping({ path, start, end, base, buildId }: Mapping): Omit<NumberedMapping, 'id'> {
  const [from, limit, zero] = [start, end, base].map((hex) => BigInt(`0x${hex}`));
  return { filename: path, start: from!, limit: limit!, offset: from! - zero!, buildId: buildId ?? '' };
}

import { Mappings, MODULE_KEY, moduleText, NATIVE_FILE_KEY } from './mappings.js';
import { nativeAddress, recordedPlace } from './native-file.js';
import { EMPTY_STACK, FrameKind, type ProfileTables } from './tables.js';
import type { FrameId, StackId } from './units.js';

/**
 * Finds what metadata has to say of machine code before a sample can be written as text or MOJO, which have only addresses and
 * names of files: profiles that come from other formats, from several recordings, or whose source lines were looked up, know
 * more, and have no such metadata.
 */
export class MappingNotes {
  readonly #tables: ProfileTables;
  readonly #said = new Mappings();
  /** By process: stacks of which nothing is left to say. */
  readonly #done = new Map<number, Set<StackId>>();

  constructor(tables: ProfileTables) {
    this.#tables = tables;
  }

  /** Metadata that is written anyway. */
  addMetadata(key: string, value: string): void {
    this.#said.addMetadata(key, value);
  }

  /** @returns metadata to be written before a sample; counted as said */
  before(pid: number, stack: StackId): readonly (readonly [key: string, value: string])[] {
    const tables = this.#tables;
    if (!tables.hasNative) return [];
    let done = this.#done.get(pid);
    if (!done) {
      done = new Set([EMPTY_STACK]);
      this.#done.set(pid, done);
      this.#said.noteSample(pid);
    }
    const notes: (readonly [string, string])[] = [];
    for (let at = stack; !done.has(at); at = tables.stackParent(at)) {
      done.add(at);
      const note = this.#noteOf(pid, tables.stackFrame(at));
      if (!note) continue;
      this.#said.addMetadata(...note);
      notes.push(note);
    }
    return notes;
  }

  #noteOf(pid: number, id: FrameId): readonly [key: string, value: string] | undefined {
    const tables = this.#tables;
    if (tables.functionKind(tables.frameFunction(id)) !== FrameKind.Native) return undefined;
    const frame = tables.frameInfo(id);
    const { file } = recordedPlace(frame);
    if (nativeAddress(file) === undefined) {
      // Without a file, Python functions look the same.
      return file === '' || this.#said.isNativeFile(file) ? undefined : [NATIVE_FILE_KEY, file];
    }
    if (!frame.code) return undefined;
    const text = moduleText(frame.code.mapping);
    const said = this.#said.find(pid, BigInt(`0x${frame.code.address}`));
    return said && moduleText(said) === text ? undefined : [`${MODULE_KEY}:${pid}`, text];
  }
}

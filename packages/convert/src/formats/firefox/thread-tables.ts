import { type JsonObject, listOf, objectOf } from '../../json.js';

/** The tables that stacks refer to: of one thread, or, since version 60, of all of them. */
export interface Tables {
  readonly strings: readonly unknown[];
  readonly stackTable: JsonObject;
  readonly frameTable: JsonObject;
  readonly funcTable: JsonObject;
  readonly resourceTable: JsonObject;
  readonly nativeSymbols: JsonObject;
  /** Since version 58. */
  readonly sources: JsonObject;
}

/** Finds the tables of a thread, wherever the version of the file has them. */
export function tablesOf(shared: JsonObject, thread: JsonObject): Tables {
  const table = (name: string): JsonObject => objectOf(shared[name] ?? thread[name]);
  return {
    strings: listOf(shared['stringArray'] ?? thread['stringArray'] ?? thread['stringTable']),
    stackTable: table('stackTable'),
    frameTable: table('frameTable'),
    funcTable: table('funcTable'),
    resourceTable: table('resourceTable'),
    nativeSymbols: table('nativeSymbols'),
    sources: table('sources'),
  };
}

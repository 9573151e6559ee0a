import type { SourceText } from '../../format.js';
import type { FrameRows } from './frame-rows.js';
import { RowKind, type SourceColumns } from './page/payload.js';

/** The texts of the Python files that the profile names, or why they are missing; none unless asked for. */
export function embedSources(
  { functions, strings }: FrameRows,
  readSource: ((file: string) => SourceText) | undefined,
): SourceColumns {
  const columns: SourceColumns = { file: [], text: [], problem: [] };
  if (!readSource) return columns;
  const files = new Set<number>();
  for (const [fn, file] of functions.file.entries())
    if (functions.kind[fn] === RowKind.Python) files.add(file);
  for (const file of files) {
    const name = strings[file]!;
    // `<frozen importlib._bootstrap>`, `<string>`: code that never had a file.
    if (name === '' || name.startsWith('<')) continue;
    const source = readSource(name);
    columns.file.push(file);
    columns.text.push('text' in source ? source.text : null);
    columns.problem.push('text' in source ? (source.warning ?? '') : source.problem);
  }
  return columns;
}

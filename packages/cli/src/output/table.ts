export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Lines of a table without borders: columns two blanks apart, each as wide as its widest cell, the last one ragged. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  paintHead: (line: string) => string = (line) => line,
): string[] {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((width, row) => Math.max(width, row[at]!.length), title.length),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, at) =>
        columns[at]!.align === 'left' ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd();
  return [paintHead(lineOf(columns.map(({ title }) => title))), ...rows.map(lineOf)];
}

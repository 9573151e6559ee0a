/** A Markdown table, padded so that it also reads well in a terminal. The first column is text, the others numbers. */
export function table(headers, rows) {
  const lines = [headers, ...rows].map((cells) => cells.map((cell) => String(cell ?? '')));
  const widths = headers.map((_, i) => Math.max(3, ...lines.map((cells) => [...cells[i]].length)));
  const pad = (cell, i) =>
    i === 0
      ? cell + ' '.repeat(widths[i] - [...cell].length)
      : ' '.repeat(widths[i] - [...cell].length) + cell;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const text = [lines[0].map(pad), rule, ...lines.slice(1).map((cells) => cells.map(pad))];
  return text.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** With as many digits as a measurement deserves. */
export function number(value, digits = 3) {
  if (value === undefined || !Number.isFinite(value)) return '–';
  if (value !== 0 && Math.abs(value) >= 1000) return count(value);
  return String(Number(value.toPrecision(digits)));
}

export function percent(share) {
  return Number.isFinite(share) ? `${number(share * 100)} %` : '–';
}

export function percentageOf(part, whole) {
  return percent(part / whole);
}

export function ratio(ours, theirs) {
  return ours === theirs ? '1×' : Number.isFinite(ours / theirs) ? `${number(ours / theirs, 2)}×` : '–';
}

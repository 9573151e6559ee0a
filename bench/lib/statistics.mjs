export function median(values) {
  return quantile(values, 0.5);
}

/** The value below which the share `q` of the values lies; between two values, the line between them. */
export function quantile(values, q) {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

export function sum(values) {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * The median of some measurements and its standard error: 1.25 standard deviations of one, by the root of how many, with
 * the deviation told from the distances to the median, which single wild values do not move.
 */
export function spread(values) {
  const middle = median(values);
  const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
  const error = values.length > 1 ? (1.2533 * deviation) / Math.sqrt(values.length) : Number.NaN;
  return { median: middle, error };
}

/** 1234567 as `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A part of a whole: `0 %`, `0.04 %`, `12.3 %`. A part that is there never reads as 0. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  const share = (100 * part) / whole;
  if (share < 0.01) return '< 0.01 %';
  if (part < whole && share > 99.99) return '> 99.99 %';
  return `${share < 1 ? share.toFixed(2) : share.toFixed(1)} %`;
}

/** Bytes in decimal units, as `ls --si` shows them. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(1)} kB`;
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(2)} GB`;
}

/** Microseconds as seconds for people; minutes from two minutes on. */
export function duration(us: number): string {
  const seconds = us / 1e6;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** A rate per second: whole where it is large enough to be. */
export function rate(hertz: number): string {
  if (!Number.isFinite(hertz)) return 'unknown';
  return hertz >= 100 ? `${count(Math.round(hertz))} Hz` : `${Number(hertz.toPrecision(3))} Hz`;
}

/** A time in microseconds in the unit that suits its size, with three digits: a sample says no more. */
export function time(us: number): string {
  if (us < 999.5) return `${threeDigits(us)} µs`;
  if (us < 999_500) return `${threeDigits(us / 1e3)} ms`;
  return us < 120e6 ? `${threeDigits(us / 1e6)} s` : duration(us);
}

function threeDigits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** A weight of samples for people. */
export function weight(value: number, unit: 'microseconds' | 'bytes' | 'count'): string {
  switch (unit) {
    case 'microseconds':
      return time(value);
    case 'bytes':
      return bytes(value);
    case 'count':
      return count(Math.round(value));
  }
}

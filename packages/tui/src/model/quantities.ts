import { formatPercent, formatWeight, type WeightType } from '@austin-profiler/convert/live';
import { wilson } from '@austin-profiler/profile';

/** Blanks that some fonts of terminals do not have. */
const SPECIAL_BLANKS = /[\u00a0\u202f]/g;

/** A weight in the unit that suits its size. */
export function weightText(value: number, unit: WeightType['unit']): string {
  return formatWeight(value, unit).replace(SPECIAL_BLANKS, ' ');
}

export function countText(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A share from 0 to 1 as `12.3 %`. */
export function shareText(share: number): string {
  return formatPercent(share).replace(SPECIAL_BLANKS, ' ');
}

/** How far a share may be from the true one, with a confidence of 95 %: `±0.8`, in percent; empty if nothing is known. */
export function uncertaintyText(share: number, effectiveSamples: number): string {
  const interval = wilson(share, effectiveSamples);
  if (!interval) return '';
  // The interval is not symmetric; the longer half is what one has to reckon with.
  const percent = 100 * Math.max(share - interval.low, interval.high - share);
  return `±${uncertaintyDigits(percent)}`;
}

/** What is there never reads as 0. */
function uncertaintyDigits(percent: number): string {
  if (percent < 0.005) return '<0.01';
  if (percent < 0.095) return percent.toFixed(2);
  return percent.toFixed(percent < 9.95 ? 1 : 0);
}

/** Seconds as `4:05`, `1:02:03`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `1,000 Hz`, `12.5 Hz`. */
export function rateText(hertz: number): string {
  return hertz >= 100 ? `${countText(hertz)} Hz` : `${Number(hertz.toPrecision(3))} Hz`;
}

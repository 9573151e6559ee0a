import type { Interval } from '@austin-profiler/profile';
import type { WeightType } from './weights.js';

const NBSP = '\u00a0';
const NNBSP = '\u202f';

/** A whole number with its thousands apart. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, NNBSP);
}

/** A weight for people, in the unit that suits its size. */
export function formatWeight(value: number, unit: WeightType['unit']): string {
  switch (unit) {
    case 'microseconds':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'count':
      return formatCount(value);
  }
}

export function formatDuration(us: number): string {
  if (us < 1000) return `${digits(us)}${NBSP}µs`;
  if (us < 999_500) return `${digits(us / 1000)}${NBSP}ms`;
  if (us < 60e6) return `${digits(us / 1e6)}${NBSP}s`;
  const seconds = Math.round(us / 1e6);
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const rest = hours > 0 ? [hours, 'h', minutes, 'min'] : [minutes, 'min', seconds % 60, 's'];
  return rest.join(NBSP);
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? formatCount(value) : digits(value)}${NBSP}${units[unit]}`;
}

/** A share from 0 to 1 as a percentage. A share that is not 0 never reads as 0. */
export function formatPercent(share: number): string {
  return `${percentDigits(share)}${NBSP}%`;
}

/** The limits of a share, or words that say there are none. */
export function formatInterval(interval: Interval | null): string {
  if (!interval) return 'interval unknown';
  return `${percentDigits(interval.low)}–${percentDigits(interval.high)}${NBSP}%`;
}

function percentDigits(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0';
  if (percent < 0.01) return '<0.01';
  if (percent < 1) return percent.toFixed(2);
  if (share < 1 && percent > 99.9) return '>99.9';
  return percent >= 100 ? '100' : percent.toFixed(1);
}

/** Three digits, since a sample says no more. */
function digits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return trimmed(value.toFixed(1));
  return trimmed(value.toFixed(2));
}

function trimmed(text: string): string {
  return text.replace(/\.0+$/, '');
}

import { element } from './dom.js';
import type { Measure } from './measures.js';

/** A share as a bar, with its 95 % interval as a line over its end. */
export function errorBar({ share, limits }: Measure): HTMLSpanElement {
  const bar = element('span', 'error-bar');
  bar.style.setProperty('--share', share.toFixed(4));
  bar.style.setProperty('--low', limits.low.toFixed(4));
  bar.style.setProperty('--high', limits.high.toFixed(4));
  return bar;
}

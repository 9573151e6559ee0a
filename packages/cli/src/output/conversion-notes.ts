import type { Format } from '@austin-profiler/convert';
import type { Diagnostic } from '@austin-profiler/profile';
import { count } from './numbers.js';
import { printable } from './printable.js';

/** What a reader had to skip, one line each. */
export function diagnosticText({ code, message, offset, line, count: times }: Diagnostic): string {
  const place = [
    ...(offset === undefined ? [] : [`byte ${offset}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ].filter((words) => !message.includes(words));
  const where = place.length > 0 ? `, ${times > 1 ? 'first ' : ''}at ${place.join(', ')}` : '';
  const often = times > 1 ? `, ${count(times)} times` : '';
  return `not everything could be read: ${printable(message.replace(/\.$/, ''))}${where}${often} (${code})`;
}

/** What the written file does not have any more, or undefined. */
export function lossText(from: Format, to: Format): string | undefined {
  const lost = to.loses.filter((words) => !from.loses.includes(words));
  if (from.id === to.id || lost.length === 0) return undefined;
  return `${to.title} has no room for: ${lost.join('; ')}`;
}

/** How much a profile holds. */
export function countsText(samples: number, threadCount: number): string {
  const threads = threadCount === 1 ? '1 thread' : `${count(threadCount)} threads`;
  return `${count(samples)} samples of ${threads}`;
}

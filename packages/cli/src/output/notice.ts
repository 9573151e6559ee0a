import type { SamplerError } from '@austin-profiler/sampler';
import { printable } from './printable.js';
import { say } from './stdio.js';

/** What is missing in a recording that goes on, and what to do about it: one line. */
export function noticeText({ message, hint }: Pick<SamplerError, 'message' | 'hint'>): string {
  return printable(hint === undefined ? message : `${message}: ${hint}`);
}

export function sayNotice(notice: SamplerError): void {
  say(`austin: ${noticeText(notice)}`);
}

/** `problem` keeps profiling from working, `note` limits it, `ok` does neither. */
export type CheckStatus = 'ok' | 'note' | 'problem';

/** One thing that was looked at. */
export interface Check {
  /** One or two words. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, one sentence without a full stop. */
  readonly text: string;
  /** What to do about it, each one by itself enough; the best first. */
  readonly remedies?: readonly string[];
}

export function ok(name: string, text: string): Check {
  return { name, status: 'ok', text };
}

export function note(name: string, text: string, remedies: readonly string[] = []): Check {
  return { name, status: 'note', text, ...(remedies.length > 0 && { remedies }) };
}

export function problem(name: string, text: string, remedies: readonly string[] = []): Check {
  return { name, status: 'problem', text, ...(remedies.length > 0 && { remedies }) };
}

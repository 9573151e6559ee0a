import { AustinError, type Diagnostic } from '@austin-profiler/profile';

/** Who is told of a trouble. */
export interface TroubleListener {
  report(code: string, message: string, offset: number): void;
}

/** Counts troubles by code: a damaged file can repeat one of them a million times. */
export class DiagnosticCounter implements TroubleListener {
  readonly #strict: boolean;
  readonly #found = new Map<string, { message: string; offset: number; count: number }>();

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /**
   * Counts a trouble. Message and offset are kept of the first of each code.
   *
   * @throws AustinError with this code, when strict
   */
  report(code: string, message: string, offset: number): void {
    if (this.#strict) throw new AustinError(code, message, { kind: 'data', offset });
    this.note(code, message, offset);
  }

  /** Counts something worth knowing that is not damage. */
  note(code: string, message: string, offset: number): void {
    const known = this.#found.get(code);
    if (known) known.count++;
    else this.#found.set(code, { message, offset, count: 1 });
  }

  /** What was counted, in order of first occurrence. */
  list(): Diagnostic[] {
    return [...this.#found].map(([code, found]) => ({ code, ...found }));
  }
}

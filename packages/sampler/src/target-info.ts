/** What was found in the process. */
export interface TargetInfo {
  /** The process that holds the interpreter: the one asked for, or the first Python process below it. */
  readonly pid: number;
  /** For example `3.12.1` or `3.15.0b2`. */
  readonly pythonVersion: string;
  /** Path of the program as the target's own mount namespace names it. */
  readonly executable: string;
  readonly freeThreaded: boolean;
}

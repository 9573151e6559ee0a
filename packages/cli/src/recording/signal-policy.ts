/** The signals a recording answers to. */
export const HANDLED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
export type HandledSignal = (typeof HANDLED_SIGNALS)[number];

export interface SignalAction {
  /** End the recording; the file is completed. */
  readonly stop: boolean;
  /** Pass this on to the program we started. */
  readonly send?: NodeJS.Signals;
}

/** What `record` and the classic command line do differently. */
export interface SignalManner {
  /** Which SIGINT in a row kills a program that does not end. */
  readonly killAt: number;
  /** Whether signals are passed on to the program alone, or also to all that it started. */
  readonly passTo: 'program' | 'tree';
}

/**
 * What each signal we receive means.
 *
 * A program we started must meet the signals it would meet without us. Ctrl-C and Ctrl-\ in a terminal go to
 * the whole foreground group, so it has them already; passing them on would interrupt it twice. A signal that a process
 * has sent was perhaps meant for us alone, and is passed on.
 *
 * A process we only attached to is never signalled.
 */
export function createSignalPolicy(target: {
  isSpawned: boolean;
  killAt: number;
}): (signal: HandledSignal, isFromTerminal: boolean) => SignalAction {
  let interrupts = 0;
  return (signal, isFromTerminal) => {
    if (!target.isSpawned) return { stop: true };
    switch (signal) {
      case 'SIGINT':
        interrupts++;
        if (interrupts >= target.killAt) return { stop: true, send: 'SIGKILL' };
        return isFromTerminal ? { stop: true } : { stop: true, send: signal };
      case 'SIGQUIT':
        // Programs may answer it (a stack dump, say) and go on; so does the recording.
        return isFromTerminal ? { stop: false } : { stop: false, send: signal };
      case 'SIGTERM':
      case 'SIGHUP':
        return { stop: true, send: signal };
    }
  };
}

import type { Program, SignalOrigins } from '@austin-profiler/sampler';
import { isInForeground } from './proc.js';
import {
  createSignalPolicy,
  HANDLED_SIGNALS,
  type HandledSignal,
  type SignalManner,
} from './signal-policy.js';

/** The signals of one recording, from before its target starts until after it has ended. */
export interface SignalListener {
  /** The first signal that asked for the end of the recording. */
  stopSignal(): HandledSignal | undefined;
  /** Calls the listener with that signal, once. */
  onStop(listener: () => void): void;
  /** From here on it is known who sends them. Closed with the listener. */
  useOrigins(origins: SignalOrigins): void;
  close(): void;
}

/**
 * Takes over the signals of this process.
 *
 * @param handlers.target the program to pass signals on to, once it has started
 */
export function listenForSignals(
  isSpawned: boolean,
  manner: SignalManner,
  handlers: { stop(): void; target(): Program | undefined },
): SignalListener {
  const decide = createSignalPolicy({ isSpawned, killAt: manner.killAt });
  const stopListeners: (() => void)[] = [];
  let stopSignal: HandledSignal | undefined;
  let origins: SignalOrigins | undefined;
  const isFromTerminal = (signal: HandledSignal): boolean => {
    const origin = origins?.of(signal) ?? 'unknown';
    // Where nothing tells, being in the foreground of a terminal stands for it.
    return origin === 'unknown' ? isInForeground() : origin === 'system';
  };
  const onSignal = (signal: HandledSignal) => {
    const { stop, send } = decide(signal, isFromTerminal(signal));
    if (stop) {
      stopSignal ??= signal;
      handlers.stop();
      for (const listener of stopListeners.splice(0)) listener();
    }
    if (send !== undefined && (send === 'SIGKILL' || manner.passTo === 'tree'))
      handlers.target()?.signalTree(send);
    else if (send !== undefined) handlers.target()?.signal(send);
  };
  for (const signal of HANDLED_SIGNALS) process.on(signal, onSignal);
  return {
    stopSignal: () => stopSignal,
    onStop: (listener) => void stopListeners.push(listener),
    useOrigins(given) {
      origins = given;
    },
    close() {
      origins?.close();
      for (const signal of HANDLED_SIGNALS) process.off(signal, onSignal);
    },
  };
}

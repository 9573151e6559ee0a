import { isInForeground } from './proc.js';
import {
  createSignalPolicy,
  HANDLED_SIGNALS,
  type HandledSignal,
  type SignalManner,
} from './signal-policy.js';
import type { SpawnedTarget } from './spawned-target.js';

/** The signals of one recording, from before its target starts until after it has ended. */
export interface SignalListener {
  /** The first signal that asked for the end of the recording. */
  stopSignal(): HandledSignal | undefined;
  /** Calls the listener with that signal, once. */
  onStop(listener: () => void): void;
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
  handlers: { stop(): void; target(): SpawnedTarget | undefined },
): SignalListener {
  const decide = createSignalPolicy({ isSpawned, isInForeground, killAt: manner.killAt });
  const stopListeners: (() => void)[] = [];
  let stopSignal: HandledSignal | undefined;
  const onSignal = (signal: HandledSignal) => {
    const { stop, send } = decide(signal);
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
    close() {
      for (const signal of HANDLED_SIGNALS) process.off(signal, onSignal);
    },
  };
}

import { isInForeground } from './proc.js';
import { createSignalPolicy, HANDLED_SIGNALS, type HandledSignal } from './signal-policy.js';
import type { SpawnedTarget } from './spawned-target.js';

/** The signals of one recording, from before its target starts until after it has ended. */
export interface SignalListener {
  /** Whether a signal has asked for the end of the recording. */
  isStopAsked(): boolean;
  close(): void;
}

/**
 * Takes over the signals of this process.
 *
 * @param handlers.target the program to pass signals on to, once it has started
 */
export function listenForSignals(
  isSpawned: boolean,
  handlers: { stop(): void; target(): SpawnedTarget | undefined },
): SignalListener {
  const decide = createSignalPolicy({ isSpawned, isInForeground });
  let isStopAsked = false;
  const onSignal = (signal: HandledSignal) => {
    const { stop, send } = decide(signal);
    if (stop) {
      isStopAsked = true;
      handlers.stop();
    }
    if (send === 'SIGKILL') handlers.target()?.signalTree(send);
    else if (send !== undefined) handlers.target()?.signal(send);
  };
  for (const signal of HANDLED_SIGNALS) process.on(signal, onSignal);
  return {
    isStopAsked: () => isStopAsked,
    close() {
      for (const signal of HANDLED_SIGNALS) process.off(signal, onSignal);
    },
  };
}

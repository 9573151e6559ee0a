import { constants } from 'node:os';
import { loadAddon } from './load-addon.js';
import type { SignalOrigin } from './native.js';

/** Tells who sent the signals that this process gets. */
export interface SignalOrigins {
  /**
   * Who sent it. To be asked once in each call of a listener of `process.on(signal)`: answers are in the order of the signals.
   */
  of(signal: NodeJS.Signals): SignalOrigin;
  /** Stops noting. Call it before the listeners are removed. */
  close(): void;
}

/**
 * Begins to note who sends these signals, which `process.on` does not tell: a Ctrl-C in a terminal comes from the system, to
 * all that is in the foreground there, and a `kill` from a process, perhaps to this process alone.
 *
 * @param signals those that have listeners; of others every origin is `unknown`
 * @throws SamplerError `ERR_ADDON_LOAD`
 */
export function watchSignalOrigins(signals: readonly NodeJS.Signals[]): SignalOrigins {
  const watch = loadAddon().watchSignals(...signals.map((signal) => constants.signals[signal]));
  return { of: (signal) => watch.takeOrigin(constants.signals[signal]), close: () => watch.close() };
}

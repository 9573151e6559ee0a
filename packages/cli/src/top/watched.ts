import { openTop, type Terminal, type Top, type TopOptions, type TopSource } from '@austin-profiler/tui';

/** A view on a terminal. */
export interface Watched {
  readonly top: Top;
  /** Gives the terminal back. Doing so again does nothing. */
  readonly leave: () => void;
  /** Whether the terminal took nothing any more when it was given back: then nothing can be said there. */
  readonly isStuck: () => boolean;
  /** Settles when the terminal has been given back. */
  readonly left: Promise<void>;
}

/** Shows a recording from now on. */
export function watch(source: TopSource, terminal: Terminal, options: TopOptions = {}): Watched {
  let isOpen = true;
  let settle = (): void => {};
  const left = new Promise<void>((resolve) => {
    settle = resolve;
  });
  terminal.enter({
    onInput: (events) => top.onInput(events),
    onChange: () => top.redraw(),
    onGone: () => process.kill(process.pid, 'SIGHUP'),
  });
  const top = openTop(source, terminal, options);
  return {
    top,
    left,
    isStuck: () => terminal.isStuck,
    leave() {
      if (!isOpen) return;
      isOpen = false;
      // Nothing more is drawn, whatever was being written.
      void top.close();
      terminal.leave();
      settle();
    },
  };
}

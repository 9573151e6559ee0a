/** What the view does as Austin TUI does it. */
export interface ClassicManner {
  /** Saves sums of stacks under the name that Austin TUI gives them, and answers with what to say. A rejection is shown. */
  readonly saveStats: () => Promise<string>;
}

/** Keys of Austin TUI, and what they stand for in the view; with the shift key, what else these keys would be. */
export const CLASSIC_KEYS: Readonly<Record<string, string>> = {
  left: 'thread-before',
  right: 'thread-after',
  s: 'save-stats',
  S: 's',
  p: ' ',
  P: 'p',
  F: 'f',
  G: 'g',
  Q: 'q',
};

/**
 * A key: the letter it types, or one of `up`, `down`, `left`, `right`, `page-up`, `page-down`, `home`, `end`, `enter`,
 * `escape`, `tab`, `shift-tab`, `backspace`, `delete`, `ctrl-c`, `ctrl-l`, `ctrl-z`.
 */
export interface KeyPress {
  readonly type: 'key';
  readonly key: string;
}

export interface MouseEvent {
  readonly type: 'mouse';
  readonly action: 'press' | 'wheel-up' | 'wheel-down';
  /** From 0. */
  readonly x: number;
  readonly y: number;
}

export type InputEvent = KeyPress | MouseEvent;

const ESCAPE = '\x1b';
const PASTE_END = '\x1b[201~';
/** What follows `ESC [`: parameters, intermediate bytes, and the byte that ends it. */
const SEQUENCE = /^([0-?]*)[ -/]*([@-~])/;
const UNFINISHED = /^[0-?]*[ -/]*$/;
/** No sequence of a key or the mouse is longer. */
const MOST_PENDING = 64;

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
  '\x1a': 'ctrl-z',
};

/** By the last byte of a sequence, whatever modifiers stand in it. */
const FINALS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'shift-tab',
  M: 'enter', // of the keypad
};

/** By the number of a sequence that ends in `~`. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
};

/**
 * Tells keys and the mouse from what a terminal sends (ECMA-48 and xterm, mouse as SGR). Sequences it does not know, and what
 * is pasted, say nothing: text that lands here by mistake must not press keys.
 */
export class InputParser {
  #pending = '';
  #isPasting = false;

  /** Whether what came last may be the beginning of something: the Escape key alone looks like one. */
  get isPending(): boolean {
    return this.#pending !== '';
  }

  push(text: string): InputEvent[] {
    const events: InputEvent[] = [];
    let rest = this.#pending + text;
    this.#pending = '';
    while (rest !== '') {
      if (this.#isPasting) {
        rest = this.#skipPaste(rest);
        continue;
      }
      const taken = rest[0] === ESCAPE ? this.#sequence(rest, events) : letter(rest, events);
      if (taken === 0) {
        this.#pending = rest.length > MOST_PENDING ? '' : rest;
        break;
      }
      rest = rest.slice(taken);
    }
    return events;
  }

  /** Nothing more has come for a while: what looked like a beginning was all. */
  flush(): InputEvent[] {
    const isEscapeKey = this.#pending === ESCAPE && !this.#isPasting;
    this.#pending = '';
    return isEscapeKey ? [{ type: 'key', key: 'escape' }] : [];
  }

  #skipPaste(text: string): string {
    const end = text.indexOf(PASTE_END);
    if (end !== -1) {
      this.#isPasting = false;
      return text.slice(end + PASTE_END.length);
    }
    // The end may be cut in two.
    const last = text.lastIndexOf(ESCAPE);
    if (last !== -1 && PASTE_END.startsWith(text.slice(last))) this.#pending = text.slice(last);
    return '';
  }

  /** Returns how much it has taken; 0 if the end is missing. */
  #sequence(text: string, events: InputEvent[]): number {
    if (text.length === 1) return 0;
    if (text[1] === 'O') return text.length < 3 ? 0 : named(FINALS[text[2]!], 3, events);
    if (text[1] !== '[') {
      events.push({ type: 'key', key: 'escape' });
      return 1;
    }
    const match = SEQUENCE.exec(text.slice(2));
    if (!match) return UNFINISHED.test(text.slice(2)) ? 0 : 2;
    const [whole, parameters = '', final = ''] = match;
    if (final === '~' && parameters === '200') this.#isPasting = true;
    else if (parameters.startsWith('<')) mouse(parameters.slice(1), final, events);
    else if (final === '~') named(NUMBERS[parameters.split(';')[0]!], 0, events);
    else named(FINALS[final], 0, events);
    return 2 + whole.length;
  }
}

function letter(text: string, events: InputEvent[]): number {
  const character = String.fromCodePoint(text.codePointAt(0)!);
  const control = CONTROLS[character];
  if (control !== undefined) events.push({ type: 'key', key: control });
  else if (!/\p{C}/u.test(character)) events.push({ type: 'key', key: character });
  return character.length;
}

function named(key: string | undefined, taken: number, events: InputEvent[]): number {
  if (key !== undefined) events.push({ type: 'key', key });
  return taken;
}

/** Bits of the button that say which keys were held, and that it is a motion. */
const MODIFIERS = 4 | 8 | 16;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;

function mouse(parameters: string, final: string, events: InputEvent[]): void {
  const [button = -1, column = 0, row = 0] = parameters.split(';').map(Number);
  const which = button & ~MODIFIERS;
  const action = which === WHEEL_UP ? 'wheel-up' : which === WHEEL_DOWN ? 'wheel-down' : 'press';
  if (action === 'press' && (which !== 0 || final !== 'M')) return;
  if (column < 1 || row < 1) return;
  events.push({ type: 'mouse', action, x: column - 1, y: row - 1 });
}

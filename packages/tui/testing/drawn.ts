import type { LiveProfile, SourceText } from '@austin-profiler/convert/live';
import type { TopFacts } from '../src/facts.js';
import { drawFrame, type Frame, type FrameInput, type Size, Views } from '../src/frame.js';
import { CallPaths } from '../src/model/call-paths.js';
import { Moments } from '../src/model/moment.js';
import { type Action, type Effect, reduce } from '../src/model/reduce.js';
import { Chooser } from '../src/model/shown.js';
import { Sources } from '../src/model/sources.js';
import { INITIAL_STATE, type ViewState } from '../src/model/state.js';

export const FACTS: TopFacts = { title: 'python3 app.py', phase: 'live', pid: 1, python: '3.12.1' };

/** A view of a moment, without a terminal: keys go in, and rows of text come out. */
export class Drawn {
  readonly #input: Omit<FrameInput, 'state' | 'shown' | 'size'>;
  readonly #chooser = new Chooser();
  readonly #live: LiveProfile;
  #size: Size;
  frame: Frame;
  effects: Effect[] = [];

  constructor(
    live: LiveProfile,
    options: {
      state?: Partial<ViewState>;
      size?: Size;
      facts?: TopFacts;
      read?: (file: string) => SourceText;
      canPlay?: boolean;
      isClassic?: boolean;
    } = {},
  ) {
    this.#live = live;
    this.#size = options.size ?? { columns: 100, rows: 20 };
    this.#input = {
      facts: options.facts ?? FACTS,
      canPlay: options.canPlay ?? false,
      isClassic: options.isClassic ?? false,
      paths: new CallPaths(),
      views: new Views(),
      sources: new Sources(options.read ?? (() => ({ problem: 'no such file' }))),
    };
    this.frame = this.#draw({ ...INITIAL_STATE, ...options.state });
  }

  get state(): ViewState {
    return this.frame.state;
  }

  /** The screen, without the blanks at the ends of its rows. */
  get rows(): string[] {
    const { grid } = this.frame;
    return Array.from({ length: grid.height }, (_, y) => grid.row(y));
  }

  /** Between the headings and the keys, as far as there is something. */
  get body(): string[] {
    return this.rows.slice(5, -1).filter((row) => row !== '');
  }

  press(...keys: string[]): this {
    for (const key of keys) this.act({ kind: 'key', key });
    return this;
  }

  clickOn(text: string): this {
    const y = this.rows.findIndex((row) => row.includes(text));
    const click = this.frame.clickAt(this.rows[y]?.indexOf(text) ?? 0, y);
    if (!click) throw new Error(`nothing to click on: ${text}`);
    this.act({ kind: 'click', click });
    return this;
  }

  act(action: Action): void {
    const { state, effect } = reduce(this.frame.state, action, this.frame.scene);
    if (effect) this.effects.push(effect);
    this.frame = this.#draw(state);
  }

  resize(columns: number, rows: number): this {
    this.#size = { columns, rows };
    this.frame = this.#draw(this.state);
    return this;
  }

  /** As if time had passed. */
  refresh(): this {
    this.frame = this.#draw(this.state);
    return this;
  }

  #draw(state: ViewState): Frame {
    const moment = new Moments(this.#live).take(0, false);
    return drawFrame({
      ...this.#input,
      size: this.#size,
      state,
      shown: this.#chooser.choose(moment, state),
    });
  }
}

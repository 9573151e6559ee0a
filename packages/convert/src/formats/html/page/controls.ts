import { byId, element } from './dom.js';
import { metricTitle } from './measures.js';
import type { PageData } from './payload.js';
import type { RowsBy } from './rows.js';
import { type Matcher, parseQuery } from './search.js';
import { chosenThreads, fillThreadsMenu } from './threads-menu.js';

export interface ControlEvents {
  /** Something else is to be weighed, or merged in another way. */
  onSelection(): void;
  onInvert(): void;
  onSearch(): void;
  onReset(): void;
}

/** The bar above the views: what they show, and how. */
export class Controls {
  #payload: PageData;
  readonly #events: ControlEvents;
  readonly #metric = byId('metric', HTMLSelectElement);
  readonly #threads = byId('threads', HTMLSelectElement);
  readonly #rows = byId('rows', HTMLSelectElement);
  readonly #own = byId('own', HTMLInputElement);
  readonly #split = byId('split', HTMLInputElement);
  readonly #invert = byId('invert', HTMLButtonElement);
  readonly #reset = byId('reset', HTMLButtonElement);
  readonly #search = byId('search', HTMLInputElement);
  readonly #matched = byId('matched', HTMLOutputElement);
  /** What the menus were filled with. */
  readonly #contents = new Map<HTMLSelectElement, string>();

  constructor(payload: PageData, events: ControlEvents) {
    this.#payload = payload;
    this.#events = events;
    this.update(payload);
    this.#rows.value = payload.rows;
    for (const control of [this.#metric, this.#threads, this.#rows, this.#own, this.#split]) {
      control.addEventListener('change', () => this.#onSelection());
    }
    this.#invert.addEventListener('click', () => {
      this.#invert.ariaPressed = String(!this.isInverted);
      events.onInvert();
    });
    this.#reset.addEventListener('click', () => events.onReset());
    this.#search.addEventListener('input', () => events.onSearch());
    document.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** Offers what a later state of the recording has; what was chosen stays chosen if it is still there. */
  update(payload: PageData): void {
    this.#payload = payload;
    this.#fill(this.#metric, JSON.stringify(payload.metrics), () => {
      for (const [index, metric] of payload.metrics.entries()) {
        const option = element('option', '', metricTitle(metric));
        option.value = String(index);
        this.#metric.append(option);
      }
    });
    this.#metric.disabled = payload.metrics.length < 2;
    this.#fill(this.#threads, JSON.stringify(payload.threads), () => fillThreadsMenu(this.#threads, payload));
    this.#threads.disabled = this.#threads.options.length < 2;
    this.#split.disabled = this.threads.length < 2;
  }

  /** Fills a menu anew when its content is another one: not otherwise, since it may be open. */
  #fill(menu: HTMLSelectElement, content: string, fill: () => void): void {
    if (this.#contents.get(menu) === content) return;
    this.#contents.set(menu, content);
    const { value } = menu;
    menu.replaceChildren();
    fill();
    if ([...menu.options].some((option) => option.value === value)) menu.value = value;
  }

  /** Index of the metric that is weighed. */
  get metric(): number {
    return Number(this.#metric.value);
  }
  /** Rows of the table of threads. */
  get threads(): number[] {
    return chosenThreads(this.#threads.value, this.#payload);
  }
  /** What was chosen of the menu of threads. */
  get threadChoice(): string {
    return this.#threads.value;
  }
  get rowsBy(): RowsBy {
    return this.#rows.value as RowsBy;
  }
  get isOwnOnly(): boolean {
    return this.#own.checked;
  }
  get isSplit(): boolean {
    return this.#split.checked && !this.#split.disabled;
  }
  get isInverted(): boolean {
    return this.#invert.ariaPressed === 'true';
  }
  set isZoomed(isZoomed: boolean) {
    this.#reset.disabled = !isZoomed;
  }

  /** Selects one thread, or everything again if it is selected already. */
  toggleThread(thread: number): void {
    if (this.#threads.disabled) return;
    const value = `t${thread}`;
    this.#threads.value = this.#threads.value === value ? 'all' : value;
    this.#onSelection();
  }

  /** What is typed into the search. */
  get searched(): string {
    return this.#search.value;
  }

  /** What is searched; null is nothing, and so is what has a mistake, which is shown. */
  query(): Matcher | null {
    this.#search.ariaInvalid = null;
    this.#matched.className = '';
    this.#matched.textContent = '';
    try {
      return parseQuery(this.#search.value);
    } catch (error) {
      this.#search.ariaInvalid = 'true';
      this.#matched.className = 'mistake';
      this.#matched.textContent = error instanceof Error ? error.message : String(error);
      return null;
    }
  }

  showMatched(text: string): void {
    this.#matched.textContent = text;
  }

  search(text: string): void {
    this.#search.value = text;
    this.#events.onSearch();
    this.#search.scrollIntoView({ block: 'nearest' });
  }

  #onSelection(): void {
    this.#split.disabled = this.threads.length < 2;
    this.#events.onSelection();
  }

  #onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#search.focus();
      this.#search.select();
    } else if (event.key === 'Escape' && event.target === this.#search) {
      this.#search.value = '';
      this.#events.onSearch();
    }
  }
}

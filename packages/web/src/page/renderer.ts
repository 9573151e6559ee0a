/** Between two renderings, whatever they cost. */
const LEAST_MS = 250;
/** The page has time for other things: this many times as long as the last rendering took. */
const REST = 4;

/** Renders what has come, soon, but never so often that the page is busy with nothing else. Not while nobody sees it. */
export class Renderer {
  readonly #render: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRequested = false;
  #notBefore = 0;
  #lastMs = 0;

  constructor(render: () => void) {
    this.#render = render;
  }

  /** @param isUrgent nothing more will come for now: what is shown is to be the last state at once */
  ask(isUrgent: boolean): void {
    if (this.#isRequested || (this.#timer !== undefined && !isUrgent)) return;
    clearTimeout(this.#timer);
    const wait = isUrgent ? 0 : Math.max(0, this.#notBefore - performance.now());
    if (wait === 0) this.#request();
    else this.#timer = setTimeout(() => this.#request(), wait);
  }

  #request(): void {
    this.#timer = undefined;
    this.#isRequested = true;
    requestAnimationFrame(() => this.#run());
  }

  #run(): void {
    this.#isRequested = false;
    const start = performance.now();
    this.#render();
    const end = performance.now();
    // What is expensive twice in a row is expensive. The first time everything is new.
    const steadyMs = Math.min(end - start, this.#lastMs);
    this.#lastMs = end - start;
    this.#notBefore = end + Math.max(LEAST_MS, REST * steadyMs);
  }
}

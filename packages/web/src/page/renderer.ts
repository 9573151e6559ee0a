/** Between two renderings, whatever they cost. */
const LEAST_MS = 250;
/** The page has time for other things: this many times as long as the last rendering took. */
const REST = 4;

/** Renders what has come, soon, but never so often that the page is busy with nothing else. Not while nobody sees it. */
export class Renderer {
  readonly #render: () => void;
  #isAsked = false;
  #notBefore = 0;

  constructor(render: () => void) {
    this.#render = render;
  }

  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    setTimeout(
      () => requestAnimationFrame(() => this.#run()),
      Math.max(0, this.#notBefore - performance.now()),
    );
  }

  #run(): void {
    this.#isAsked = false;
    const start = performance.now();
    this.#render();
    const end = performance.now();
    this.#notBefore = end + Math.max(LEAST_MS, REST * (end - start));
  }
}

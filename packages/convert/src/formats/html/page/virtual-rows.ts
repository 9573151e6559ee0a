/** Rows of equal height of which only those in view are in the document. */
export class VirtualRows {
  readonly #host: HTMLElement;
  readonly #content: HTMLElement;
  readonly #shown = new Map<number, HTMLElement>();
  #count = 0;
  #rowHeight = 20;
  #make: (row: number) => HTMLElement = () => document.createElement('div');
  #isPending = false;

  constructor(host: HTMLElement, content: HTMLElement) {
    this.#host = host;
    this.#content = content;
    host.addEventListener('scroll', () => this.#request());
    new ResizeObserver(() => this.#request()).observe(host);
  }

  show(count: number, make: (row: number) => HTMLElement): void {
    this.#count = count;
    this.#make = make;
    this.#clear();
    this.#render();
  }

  /** Scrolls so that a row is in the middle. */
  reveal(row: number): void {
    this.#host.scrollTop = (row + 0.5) * this.#rowHeight - this.#host.clientHeight / 2;
    this.#render();
  }

  #clear(): void {
    this.#content.replaceChildren();
    this.#shown.clear();
  }

  #request(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      this.#render();
    });
  }

  #render(): void {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const height = Math.round(rem * 1.4);
    if (height !== this.#rowHeight) this.#clear();
    this.#rowHeight = height;
    this.#content.style.height = `${this.#count * height}px`;
    const first = Math.max(0, Math.floor(this.#host.scrollTop / height) - 3);
    const last = Math.min(
      this.#count,
      Math.ceil((this.#host.scrollTop + this.#host.clientHeight) / height) + 3,
    );
    for (const [row, made] of this.#shown) {
      if (row >= first && row < last) continue;
      made.remove();
      this.#shown.delete(row);
    }
    for (let row = first; row < last; row++) {
      if (this.#shown.has(row)) continue;
      const made = this.#make(row);
      made.style.top = `${row * height}px`;
      made.style.height = `${height}px`;
      this.#shown.set(row, made);
      this.#content.append(made);
    }
  }
}

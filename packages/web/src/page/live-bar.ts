import { byId, element, formatDuration, formatPercent, formatWeight } from '@austin-profiler/convert/page';
import type { FormatEntry, Phase, Status } from '../protocol.js';
import { ask, control, NO_ANSWER } from './requests.js';

export type LinkState = 'connecting' | 'connected' | 'lost' | 'refused';

/** What is said of each state, with a mark that needs no colour. */
const PHASES: Record<Phase, string> = {
  idle: '○ Nothing is recorded yet: choose a process.',
  waiting: '◌ Waiting for the first sample.',
  running: '● Recording.',
  ended: '■ The recording has ended.',
  failed: '✕ The recording has failed.',
};

/** The bar at the top: how the recording is doing, and what can be done with it. */
export class LiveBar {
  readonly #host = byId('live', HTMLElement);
  readonly #state = byId('live-state', HTMLParagraphElement);
  readonly #facts = byId('live-facts', HTMLDListElement);
  readonly #answer = byId('live-answer', HTMLParagraphElement);
  readonly #pause = byId('pause', HTMLButtonElement);
  readonly #forget = byId('forget', HTMLButtonElement);
  readonly #stop = byId('stop', HTMLButtonElement);
  readonly #restart = byId('restart', HTMLButtonElement);
  /** What only the server can give: as links they would lead to a page of the browser's that says no more than that. */
  readonly #links = ['download', 'speedscope'].map((id) => byId(id, HTMLAnchorElement));
  #link: LinkState = 'connecting';
  #status: Status | undefined;

  constructor() {
    this.#pause.addEventListener('click', () =>
      this.#do(() => control({ action: this.#status?.isPaused ? 'resume' : 'pause' })),
    );
    this.#onClick('forget', () => control({ action: 'reset' }));
    this.#onClick('stop', () => control({ action: 'stop' }));
    this.#onClick('restart', () => control({ action: 'restart' }));
    for (const link of this.#links) {
      link.addEventListener('click', (event) => {
        if (!this.#isAway) return;
        event.preventDefault();
        this.showAnswer(NO_ANSWER);
      });
    }
    this.#fillFormats();
  }

  /** Whether nobody is there to be asked. */
  get #isAway(): boolean {
    return this.#link === 'lost' || this.#link === 'refused';
  }

  showLink(link: LinkState): void {
    this.#link = link;
    if (link === 'connected' && this.#answer.textContent === NO_ANSWER) this.showAnswer('');
    this.#show();
  }

  showStatus(status: Status): void {
    this.#status = status;
    this.#show();
  }

  /** Shows what came of something that somebody asked for. */
  showAnswer(text: string): void {
    this.#answer.textContent = text;
    this.#answer.hidden = text === '';
  }

  #onClick(id: string, act: () => Promise<void>): void {
    byId(id, HTMLButtonElement).addEventListener('click', () => this.#do(act));
  }

  #do(act: () => Promise<void>): void {
    this.showAnswer('');
    act().catch((error: unknown) => this.showAnswer(error instanceof Error ? error.message : String(error)));
  }

  #show(): void {
    const status = this.#status;
    this.#host.dataset.state = this.#stateName();
    for (const control of [this.#pause, this.#forget, this.#stop, this.#restart, ...this.#links]) {
      // They keep the focus, and say why when they are pressed.
      control.ariaDisabled = this.#isAway ? 'true' : null;
    }
    const text = this.#stateText();
    if (this.#state.textContent !== text) this.#state.textContent = text;
    if (!status) return;
    this.#pause.ariaPressed = String(status.isPaused);
    this.#pause.textContent = status.isPaused ? 'Go on' : 'Pause';
    this.#pause.disabled = !status.isPaused && status.phase !== 'running' && status.phase !== 'waiting';
    this.#stop.hidden = !status.can.includes('stop');
    this.#restart.hidden = !status.can.includes('restart');
    this.#facts.replaceChildren(
      ...factsOf(status).map(([term, value]) =>
        element('div', '', element('dt', '', term), element('dd', '', value)),
      ),
    );
  }

  #stateName(): string {
    if (this.#link !== 'connected') return this.#link;
    if (!this.#status) return 'connecting';
    return this.#status.isPaused ? 'paused' : this.#status.phase;
  }

  #stateText(): string {
    const status = this.#status;
    if (this.#link === 'refused')
      return '✕ This address is no longer good: open the one that austin printed last.';
    if (this.#link === 'lost') {
      return '✕ The connection to austin is lost. The page tries again; what it shows is what came before.';
    }
    if (this.#link === 'connecting' || !status) return '◌ Connecting.';
    if (status.isPaused) return '❚❚ Paused: what is shown stands still. The recording goes on.';
    return status.message === undefined ? PHASES[status.phase] : `${PHASES[status.phase]} ${status.message}`;
  }

  #fillFormats(): void {
    const menu = byId('format', HTMLSelectElement);
    const link = byId('download', HTMLAnchorElement);
    menu.addEventListener('change', () => {
      link.href = `download?format=${encodeURIComponent(menu.value)}`;
    });
    const source = encodeURIComponent(new URL('download?format=speedscope', location.href).href);
    byId('speedscope', HTMLAnchorElement).href = `speedscope/index.html#profileURL=${source}`;
    this.#do(async () => {
      const formats = await ask<FormatEntry[]>('formats');
      for (const { id, title } of formats) {
        const option = element('option', '', title);
        option.value = id;
        menu.append(option);
      }
      menu.value = 'mojo';
    });
  }
}

function factsOf(status: Status): [term: string, value: string][] {
  const { pid, elapsedUs, rateAsked, rateGot, cpuShare, memoryBytes } = status;
  const rate = (hertz: number): string => `${hertz >= 10 ? Math.round(hertz) : hertz.toPrecision(2)} Hz`;
  return [
    ...(pid === undefined ? [] : [['Process', String(pid)] as [string, string]]),
    ...(elapsedUs === undefined ? [] : [['Time', formatDuration(elapsedUs)] as [string, string]]),
    ...(rateGot === undefined || rateAsked === undefined
      ? []
      : [['Rate', `${rate(rateGot)} of ${rate(rateAsked)}`] as [string, string]]),
    ...(cpuShare === undefined ? [] : [['CPU', formatPercent(cpuShare)] as [string, string]]),
    ...(memoryBytes === undefined
      ? []
      : [['Memory', formatWeight(memoryBytes, 'bytes')] as [string, string]]),
  ];
}

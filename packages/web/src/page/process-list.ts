import { button, byId, element, shorten, visible } from '@austin-profiler/convert/page';
import type { ProcessEntry, RecordingMode, Status } from '../protocol.js';
import { ask, control } from './requests.js';

/** The Python processes that can be recorded instead of what is. */
export class ProcessList {
  readonly #box = byId('record', HTMLDetailsElement);
  readonly #list = byId('processes', HTMLUListElement);
  readonly #mode = byId('mode', HTMLSelectElement);
  readonly #showAnswer: (text: string) => void;

  constructor(showAnswer: (text: string) => void) {
    this.#showAnswer = showAnswer;
    byId('look', HTMLButtonElement).addEventListener('click', () => this.#look());
    this.#box.addEventListener('toggle', () => {
      if (this.#box.open) this.#look();
    });
  }

  showStatus({ can, phase }: Status): void {
    this.#box.hidden = !can.includes('attach');
    if (phase === 'idle' && !this.#box.hidden && !this.#box.open) this.#box.open = true;
  }

  #look(): void {
    this.#try(async () => {
      const processes = await ask<ProcessEntry[]>('processes');
      const rows = processes.map((process) => this.#row(process));
      const none = element('li', '', 'There is no Python process here that you may read.');
      this.#list.replaceChildren(...(rows.length > 0 ? rows : [none]));
    });
  }

  #row({ pid, command, user }: ProcessEntry): HTMLLIElement {
    const record = button('', 'Record', () =>
      this.#try(async () => {
        await control({ action: 'attach', pid, mode: this.#mode.value as RecordingMode });
        this.#box.open = false;
      }),
    );
    record.ariaLabel = `Record process ${pid}`;
    const of = user === undefined ? '' : ` of ${visible(user)}`;
    return element(
      'li',
      '',
      record,
      element('span', 'pid', `${pid}${of}`),
      element('code', '', shorten(visible(command), 300)),
    );
  }

  #try(act: () => Promise<void>): void {
    this.#showAnswer('');
    act().catch((error: unknown) => this.#showAnswer(error instanceof Error ? error.message : String(error)));
  }
}

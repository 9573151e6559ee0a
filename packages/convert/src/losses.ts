import { AustinError, type ProfileSink } from '@austin-profiler/profile';

/** Where in the input: a byte offset from 0, or a line from 1. */
export interface Place {
  readonly offset?: number;
  readonly line?: number;
}

interface Loss {
  readonly code: string;
  readonly message: string;
  readonly place: Place;
  count: number;
}

/** Counts what a reader could not read, each kind once with its first place; in strict mode the first one fails. */
export class Losses {
  readonly #sink: ProfileSink;
  readonly #strict: boolean;
  readonly #losses = new Map<string, Loss>();

  constructor(sink: ProfileSink, strict: boolean | undefined) {
    this.#sink = sink;
    this.#strict = strict === true;
  }

  /**
   * Damage: something that cannot be what its writer meant.
   *
   * @throws AustinError with this code, in strict mode
   */
  damage(code: string, message: string, place: Place = {}): void {
    if (this.#strict) {
      throw new AustinError(code, `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
        kind: 'data',
        ...place,
        hint: 'Read without `strict` to skip such places and have them counted.',
      });
    }
    this.unheld(code, message, place);
  }

  /** What is sound and has no place in a profile. */
  unheld(code: string, message: string, place: Place = {}, count = 1): void {
    const loss = this.#losses.get(`${code} ${message}`);
    if (loss) loss.count += count;
    else this.#losses.set(`${code} ${message}`, { code, message, place, count });
  }

  /** Tells the sink; to be called once, after the last sample. */
  report(): void {
    for (const { code, message, place, count } of this.#losses.values()) {
      this.#sink.addDiagnostic({ code, message, ...place, count });
    }
  }
}

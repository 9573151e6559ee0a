import { type Diagnostic, ProfileTables } from '@austin-profiler/profile';
import { MojoDecoder } from './decode.js';
import { EventDescriber } from './event-text.js';
import { eventId, eventName, type LocatedMojoEvent } from './events.js';
import { InputWindow } from './input-window.js';
import { MojoReader } from './to-profile.js';
import type { MojoVersion } from './version.js';

/** An event with what a person wants to know of it. */
export interface InspectedEvent {
  readonly event: LocatedMojoEvent;
  /** Which sample it stands in, counted from 1; 0 before the first STACK. */
  readonly sample: number;
  /** Its name and fields, keys with their meaning. Names in it are as recorded, control characters included. */
  readonly text: string;
  /** What is wrong with it by itself, such as an undefined key. */
  readonly problems: readonly string[];
}

export interface InspectOptions {
  /**
   * Which events are put into words: all, or those with problems, which is much faster where nobody looks at the others.
   * Default: `all`.
   */
  readonly events?: 'all' | 'problems';
}

/** How much of a file an event is. */
export interface EventShare {
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

/** Where and why a file cannot be read on. */
export interface MojoDamage {
  readonly diagnostic: Diagnostic;
  /** The last event that is whole, or undefined directly after the header. */
  readonly lastEvent: LocatedMojoEvent | undefined;
  /** Offset of the event that is damaged. */
  readonly offset: number;
  /** The bytes around it; `contextOffset` is that of the first. They begin and end with rows of 16. */
  readonly context: Uint8Array;
  readonly contextOffset: number;
}

/** What there is to say of a whole file. */
export interface MojoInspection {
  readonly version: MojoVersion;
  /** Bytes read: the header and all whole events. */
  readonly bytes: number;
  /** Samples that a reader delivers. */
  readonly samples: number;
  /** Largest first. */
  readonly shares: readonly EventShare[];
  /** All that a lenient reader of samples finds, the damage last. */
  readonly diagnostics: readonly Diagnostic[];
  readonly damage: MojoDamage | undefined;
}

/** Reads a file for people to look at: each event with its place and meaning, then what the whole is made of. */
export class MojoInspector {
  readonly #decoder = new MojoDecoder();
  readonly #describer = new EventDescriber();
  readonly #isAll: boolean;
  readonly #shares = new Map<string, { name: string; count: number; bytes: number }>();
  readonly #window = new InputWindow();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #reader: MojoReader;
  #stacks = 0;
  #samples = 0;
  #lastEvent: LocatedMojoEvent | undefined;

  constructor({ events = 'all' }: InspectOptions = {}) {
    this.#isAll = events === 'all';
    this.#reader = new MojoReader({
      tables: new ProfileTables(),
      addSample: () => this.#samples++,
      addMetadata: () => {},
      addDiagnostic: (diagnostic) => this.#diagnostics.push(diagnostic),
    });
  }

  /**
   * The events that this chunk completes, or those of them that were asked for.
   *
   * @throws AustinError of kind `data` for a file that is not MOJO 1 to 4
   */
  push(chunk: Uint8Array): InspectedEvent[] {
    const events = this.#decoder.push(chunk);
    this.#reader.push(chunk);
    this.#window.push(chunk, this.#decoder.offset);
    const inspected: InspectedEvent[] = [];
    for (const event of events) {
      this.#count(event);
      const problems = this.#describer.follow(event);
      if (!this.#isAll && problems.length === 0) continue;
      inspected.push({ event, sample: this.#stacks, text: this.#describer.text(event), problems });
    }
    return inspected;
  }

  /**
   * Says that the input is over.
   *
   * @throws AustinError for an input that is empty or ends in its header
   */
  end(): MojoInspection {
    this.#decoder.end();
    const version = this.#reader.end();
    const diagnostic = this.#decoder.diagnostics[0];
    const { offset } = this.#decoder;
    return {
      version,
      bytes: offset,
      samples: this.#samples,
      shares: [...this.#shares.values()].sort((a, b) => b.bytes - a.bytes),
      diagnostics: this.#diagnostics,
      damage: diagnostic && {
        diagnostic,
        lastEvent: this.#lastEvent,
        offset,
        ...this.#window.around(this.#lastEvent?.offset ?? 0, offset),
      },
    };
  }

  #count(event: LocatedMojoEvent): void {
    if (event.type === 'stack') this.#stacks++;
    const name = eventName(eventId(event));
    const share = this.#shares.get(name) ?? { name, count: 0, bytes: 0 };
    share.count++;
    share.bytes += event.size;
    this.#shares.set(name, share);
    this.#lastEvent = event;
  }
}

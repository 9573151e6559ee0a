import { type FrameId, FrameKind, ProfileTables } from '@austin-profiler/profile';
import { eventId, eventName, type LocatedMojoEvent } from './events.js';
import { KeyTables } from './key-tables.js';

/**
 * Puts events into words with what their keys mean at that place, for people who look at a file. Names come as they
 * were recorded: make them printable before they reach a terminal.
 */
export class EventDescriber {
  readonly #tables = new ProfileTables();
  readonly #keys: KeyTables;
  #problems: string[] = [];

  constructor() {
    this.#keys = new KeyTables(this.#tables, { report: (_, message) => this.#problems.push(message) });
  }

  /** Ask for every event, in file order. */
  describe(event: LocatedMojoEvent): { text: string; problems: readonly string[] } {
    this.#problems = [];
    const fields = this.#fields(event);
    const name = eventName(eventId(event));
    return { text: fields === '' ? name : `${name} ${fields}`, problems: this.#problems };
  }

  #fields(event: LocatedMojoEvent): string {
    switch (event.type) {
      case 'metadata':
        return `${event.key} = ${event.value}`;
      case 'stack': {
        this.#keys.select(this.#keys.process(event.pid));
        const iid = event.iid === null ? '' : `, iid ${event.iid}`;
        return `pid ${event.pid}${iid}, thread ${event.thread}`;
      }
      case 'string':
        this.#keys.defineString(event.key, event.value);
        return `${event.key} = ${event.value}`;
      case 'frame': {
        const { key, file, scope, line, lineEnd, column, columnEnd, offset } = event;
        this.#keys.defineFrame(key, file, scope, line, lineEnd, column, columnEnd, offset);
        return `${key} = ${this.#frame(this.#keys.frame(key, offset))}, file ${file}, scope ${scope}`;
      }
      case 'frame-ref':
        return `${event.key}: ${this.#frame(this.#keys.frame(event.key, event.offset))}`;
      case 'frame-kernel':
        return event.scope;
      case 'metric-time':
        return `${event.value} µs`;
      case 'metric-memory':
        return `${event.value} bytes`;
      case 'string-ref':
        return `${event.key}: ${this.#string(event)}`;
      case 'task-stack':
        return `task ${event.task}${event.name === 0 ? '' : `, ${this.#string({ key: event.name, offset: event.offset })}`}`;
      case 'task-waiter':
        return `task ${event.task}, awaited by ${event.waiter}`;
      case 'frame-invalid':
      case 'gc':
      case 'idle':
      case 'stack-repeat':
        return '';
    }
  }

  #string({ key, offset }: { key: LocatedMojoEvent['offset'] | bigint; offset: number }): string {
    return this.#tables.string(this.#keys.findString(key, offset));
  }

  #frame(id: FrameId): string {
    const { kind, file, name, line, lineEnd, column, columnEnd } = this.#tables.frameInfo(id);
    const place = `${file}:${name}:${line}`;
    if (kind === FrameKind.Native) return place;
    if (column !== 0 || columnEnd !== 0) return `${place} to ${lineEnd}, columns ${column} to ${columnEnd}`;
    return lineEnd === 0 ? place : `${place} to ${lineEnd}`;
  }
}

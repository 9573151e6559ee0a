import { type FrameId, FrameKind, ProfileTables, type StringId } from '@austin-profiler/profile';
import { eventId, eventName, type LocatedMojoEvent } from './events.js';
import { KeyTables } from './key-tables.js';

const NO_PROBLEMS: readonly string[] = [];

/**
 * Puts events into words with what their keys mean at that place, for people who look at a file. Names come as they
 * were recorded: make them printable before they reach a terminal.
 */
export class EventDescriber {
  readonly #tables = new ProfileTables();
  readonly #keys: KeyTables;
  #problems: readonly string[] = NO_PROBLEMS;
  /** What the keys of the event followed last mean. */
  #frame: FrameId | undefined;
  #string: StringId | undefined;

  constructor() {
    this.#keys = new KeyTables(this.#tables, {
      report: (_, message) => {
        this.#problems = [...this.#problems, message];
      },
    });
  }

  /** Follows an event and puts it into words. Ask for every event, in file order. */
  describe(event: LocatedMojoEvent): { text: string; problems: readonly string[] } {
    const problems = this.follow(event);
    return { text: this.text(event), problems };
  }

  /** What is wrong with an event by itself, such as an undefined key. For events that need no words. */
  follow(event: LocatedMojoEvent): readonly string[] {
    this.#problems = NO_PROBLEMS;
    switch (event.type) {
      case 'stack':
        this.#keys.select(this.#keys.process(event.pid));
        break;
      case 'string':
        this.#keys.defineString(event.key, event.value);
        break;
      case 'frame': {
        const { key, file, scope, line, lineEnd, column, columnEnd, offset } = event;
        this.#keys.defineFrame(key, file, scope, line, lineEnd, column, columnEnd, offset);
        this.#frame = this.#keys.frame(key, offset);
        break;
      }
      case 'frame-ref':
        this.#frame = this.#keys.frame(event.key, event.offset);
        break;
      case 'string-ref':
        this.#string = this.#keys.findString(event.key, event.offset);
        break;
      case 'task-stack':
        this.#string = event.name === 0 ? undefined : this.#keys.findString(event.name, event.offset);
        break;
      case 'metadata':
      case 'frame-kernel':
      case 'frame-invalid':
      case 'gc':
      case 'idle':
      case 'metric-time':
      case 'metric-memory':
      case 'task-waiter':
      case 'stack-repeat':
        break;
    }
    return this.#problems;
  }

  /** The name and the fields of the event that was followed last. */
  text(event: LocatedMojoEvent): string {
    const fields = this.#fields(event);
    const name = eventName(eventId(event));
    return fields === '' ? name : `${name} ${fields}`;
  }

  #fields(event: LocatedMojoEvent): string {
    switch (event.type) {
      case 'metadata':
        return `${event.key} = ${event.value}`;
      case 'stack': {
        const iid = event.iid === null ? '' : `, iid ${event.iid}`;
        return `pid ${event.pid}${iid}, thread ${event.thread}`;
      }
      case 'string':
        return `${event.key} = ${event.value}`;
      case 'frame':
        return `${event.key} = ${this.#frameText()}, file ${event.file}, scope ${event.scope}`;
      case 'frame-ref':
        return `${event.key}: ${this.#frameText()}`;
      case 'frame-kernel':
        return event.scope;
      case 'metric-time':
        return `${event.value} µs`;
      case 'metric-memory':
        return `${event.value} bytes`;
      case 'string-ref':
        return `${event.key}: ${this.#tables.string(this.#string!)}`;
      case 'task-stack':
        return `task ${event.task}${event.name === 0 ? '' : `, ${this.#tables.string(this.#string!)}`}`;
      case 'task-waiter':
        return `task ${event.task}, awaited by ${event.waiter}`;
      case 'frame-invalid':
      case 'gc':
      case 'idle':
      case 'stack-repeat':
        return '';
    }
  }

  #frameText(): string {
    const { kind, file, name, line, lineEnd, column, columnEnd } = this.#tables.frameInfo(this.#frame!);
    const place = `${file}:${name}:${line}`;
    if (kind === FrameKind.Native) return place;
    if (column !== 0 || columnEnd !== 0) return `${place} to ${lineEnd}, columns ${column} to ${columnEnd}`;
    return lineEnd === 0 ? place : `${place} to ${lineEnd}`;
  }
}

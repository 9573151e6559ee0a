import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { LiveState } from '../page/live-state.js';
import type { Update } from '../protocol.js';

interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Reads a stream of events as the page does. */
export class EventClient {
  readonly messages: Message[] = [];
  state: LiveState | undefined;
  status: Update['status'] | undefined;
  response?: IncomingMessage;
  isClosed = false;
  readonly #request: ClientRequest;
  #pieces: string[] = [];
  #waiting: (() => void)[] = [];

  /** @param url of the page */
  constructor(url: string, headers: Record<string, string> = {}) {
    this.#request = get(`${url}events`, { headers }, (response) => {
      this.response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => this.#close());
      response.on('error', () => this.#close());
    });
    this.#request.on('error', () => this.#close());
  }

  get lastId(): string {
    return this.messages.findLast(({ id }) => id !== '')?.id ?? '';
  }

  get updates(): Update[] {
    return this.messages
      .filter(({ event }) => event === 'update')
      .map(({ data }) => JSON.parse(data) as Update);
  }

  /** Waits until something is true, looking again with each message. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.isClosed) throw new Error('the stream has ended');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#request.destroy();
  }

  #close(): void {
    this.isClosed = true;
    this.#wake();
  }

  #take(text: string): void {
    // Messages can be long: each piece is looked at once.
    const isOnBorder = text.startsWith('\n') && this.#pieces.at(-1)?.endsWith('\n');
    this.#pieces.push(text);
    if (!isOnBorder && !text.includes('\n\n')) return;
    const blocks = this.#pieces.join('').split('\n\n');
    this.#pieces = [blocks.pop()!];
    for (const block of blocks) this.#message(block);
    this.#wake();
  }

  #message(block: string): void {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const message = {
      id: fields.get('id') ?? '',
      event: fields.get('event') ?? '',
      data: fields.get('data') ?? '',
    };
    this.messages.push(message);
    if (message.event !== 'update') return;
    const { status, picture } = JSON.parse(message.data) as Update;
    this.status = status;
    if (picture?.isStart) this.state = new LiveState(picture);
    else if (picture) this.state!.apply(picture);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { AustinError } from '@austin-profiler/profile';
import type { FormatEntry, Refusal } from '../protocol.js';
import type { Download, WebSession } from '../session.js';
import { isLoopback, urlHost } from './addresses.js';
import {
  answerError,
  answerJson,
  answerText,
  begin,
  PAGE_POLICY,
  readBody,
  SPEEDSCOPE_POLICY,
} from './answers.js';
import { Assets } from './assets.js';
import { toControlRequest } from './control-request.js';
import { EventHub, HUB_TIMES, type HubTimes } from './event-hub.js';
import { type Admitted, admit } from './guard.js';
import { NamedFiles } from './named-files.js';
import { Tickets } from './tickets.js';
import { makeToken } from './token.js';

export interface WebServerOptions {
  readonly session: WebSession;
  /** The address to listen on. Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** Default: any that is free. */
  readonly port?: number;
  /** For tests. */
  readonly times?: HubTimes;
  /** Hears of mistakes of ours that a request has met. */
  readonly onError?: (error: unknown) => void;
}

export interface WebServer {
  /** The address of the page, with the secret without which nothing is served. */
  readonly url: string;
  /** Whether other machines may reach it. */
  readonly isOpen: boolean;
  readonly viewerCount: number;
  /** Bytes that wait for viewers to take them: no more than one message each. */
  readonly pendingBytes: number;
  /** An address that leads to the page once, within a minute: other users of the machine may see what a browser is started with. */
  ticketUrl(): string;
  /** Cuts the streams of all viewers off, who then come again. */
  dropViewers(): void;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/**
 * Serves the page of a recording.
 *
 * @throws AustinError `ERR_WEB_LISTEN` when the address or port is not to be had
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { session, host = LOOPBACK, port = 0, times = HUB_TIMES, onError = () => {} } = options;
  const token = makeToken();
  const tickets = new Tickets();
  const hub = new EventHub(session, times);
  const site = new Site(session, hub);
  const server = createServer((request, response) => {
    const { port: ownPort } = server.address() as AddressInfo;
    // Nobody may have to wait for a browser that has gone.
    response.on('error', () => {});
    if (tickets.redeem(request, { host, port: ownPort })) {
      begin(response, 303, 'text/plain; charset=utf-8', { location: `/${token}/` });
      response.end();
      return;
    }
    const admitted = admit(request, { token, host, port: ownPort });
    if ('code' in admitted) {
      answerText(response, admitted.code, admitted.reason);
      return;
    }
    site.serve(request, response, admitted).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else answerText(response, 500, 'Something is wrong in austin-profiler itself.');
    });
  });
  await listen(server, host, port);
  const base = `http://${urlHost(host)}:${(server.address() as AddressInfo).port}`;
  return {
    url: `${base}/${token}/`,
    isOpen: !isLoopback(host),
    get viewerCount() {
      return hub.viewerCount;
    },
    get pendingBytes() {
      return hub.pendingBytes;
    },
    ticketUrl: () => `${base}/open/${tickets.issue()}`,
    dropViewers: () => hub.dropAll(),
    close() {
      hub.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      const what = isTaken ? 'another program listens there' : (error.code ?? error.message);
      reject(
        new AustinError('ERR_WEB_LISTEN', `cannot listen on ${urlHost(host)}:${port}: ${what}`, {
          kind: 'environment',
          hint: isTaken ? 'leave out `--port` to get a free one' : 'name another address with `--host`',
          cause: error,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

/** What lies below the token. */
class Site {
  readonly #session: WebSession;
  readonly #hub: EventHub;
  readonly #assets = new Assets();
  #files: NamedFiles | undefined;
  #filesOf: unknown;

  constructor(session: WebSession, hub: EventHub) {
    this.#session = session;
    this.#hub = hub;
  }

  async serve(request: IncomingMessage, response: ServerResponse, { path, query }: Admitted): Promise<void> {
    if (request.method === 'POST') {
      if (path === 'control') await this.#control(request, response);
      else answerText(response, 404, 'There is nothing of this name to post to.');
      return;
    }
    switch (path) {
      case 'events': {
        const seen = request.headers['last-event-id'];
        this.#hub.add(response, typeof seen === 'string' ? seen : (query.get('after') ?? undefined));
        return;
      }
      case 'formats':
        await this.#answer(response, writableFormats);
        return;
      case 'download':
        await this.#download(response, query.get('format') ?? '');
        return;
      case 'source':
        this.#source(response, query.get('file') ?? '');
        return;
      case 'processes':
        await this.#answer(response, () => this.#session.processes());
        return;
      default:
        this.#asset(response, path);
    }
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = toControlRequest(await readBody(request));
    if (!asked) {
      const refusal: Refusal = { error: 'This is not a request that is understood.' };
      answerJson(response, 400, refusal);
      return;
    }
    await this.#answer(response, async () => {
      switch (asked.action) {
        case 'pause':
        case 'resume':
          this.#hub.isPaused = asked.action === 'pause';
          break;
        case 'reset':
          this.#session.live().reset();
          break;
        case 'stop':
        case 'restart':
        case 'attach':
          this.#hub.isPaused = false;
          await this.#session.control(asked);
      }
      this.#hub.tick();
      return {};
    });
  }

  async #answer(response: ServerResponse, act: () => Promise<unknown>): Promise<void> {
    try {
      answerJson(response, 200, await act());
    } catch (error) {
      answerError(response, error);
    }
  }

  async #download(response: ServerResponse, id: string): Promise<void> {
    const format = (await allFormats()).find((known) => known.id === id && known.write !== undefined);
    if (!format) {
      const refusal: Refusal = { error: 'There is no such format.' };
      answerJson(response, 404, refusal);
      return;
    }
    let download: Download;
    let chunks: AsyncIterable<Uint8Array>;
    try {
      download = await this.#session.download(id);
      chunks = await begun(download.chunks);
    } catch (error) {
      answerError(response, error);
      return;
    }
    const name = `${download.name.replace(/[^\w.-]+/g, '_') || 'profile'}${format.extensions[0] ?? ''}`;
    begin(response, 200, format.mediaType, { 'content-disposition': `attachment; filename="${name}"` });
    try {
      await pipeline(chunks, response);
    } catch (error) {
      // Somebody who goes away in the middle has changed their mind.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    }
  }

  #source(response: ServerResponse, file: string): void {
    const live = this.#session.live();
    if (this.#filesOf !== live) {
      this.#filesOf = live;
      this.#files = new NamedFiles(live);
    }
    if (this.#files!.has(file)) answerJson(response, 200, this.#session.readSource(file));
    else answerJson(response, 404, { problem: 'the profile names no such file' });
  }

  #asset(response: ServerResponse, path: string): void {
    const asset = this.#assets.find(path);
    if (!asset) {
      answerText(response, 404, 'There is nothing of this name.');
      return;
    }
    const policy = path.startsWith('speedscope/') ? SPEEDSCOPE_POLICY : PAGE_POLICY;
    begin(response, 200, asset.type, { 'content-security-policy': policy });
    response.end(asset.bytes);
  }
}

/** The same chunks, of which the first is there: what is wrong from the start comes out before anything is answered. */
async function begun(chunks: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** Nobody waits for what is needed only for downloads. */
async function allFormats() {
  return (await import('@austin-profiler/convert')).formats;
}

async function writableFormats(): Promise<FormatEntry[]> {
  return (await allFormats())
    .filter(({ write }) => write !== undefined)
    .map(({ id, title }) => ({ id, title }));
}

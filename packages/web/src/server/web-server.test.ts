import { type IncomingHttpHeaders, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addSample, TestSession } from '../testing/session.js';
import { startWebServer, type WebServer } from './web-server.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let session: TestSession;
let server: WebServer;

beforeEach(async () => {
  session = new TestSession();
  addSample(session.profile, 'main');
  server = await startWebServer({ session });
});
afterEach(() => server.close());

/** Asks with any headers: `fetch` does not let one say who one is. */
function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const asked = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const own = (): { origin: string; 'content-type': string } => ({
  origin: new URL(server.url).origin,
  'content-type': 'application/json',
});
const post = (body: unknown, headers: Record<string, string> = own()): Promise<Answer> =>
  ask(`${server.url}control`, { method: 'POST', headers, body: JSON.stringify(body) });

describe('the server of the page', () => {
  it('listens on this machine only, and serves the page with a policy that lets nothing else in', async () => {
    const url = new URL(server.url);
    expect(url.hostname).toBe('127.0.0.1');
    expect(server.isOpen).toBe(false);
    expect(url.pathname).toMatch(/^\/[\w-]{32}\/$/);
    const { status, headers, body } = await ask(server.url);
    expect(status).toBe(200);
    expect(body).toContain('<canvas id="graph-canvas"');
    // The policy allows no style or script in the page itself.
    expect(body).not.toMatch(/<script>|<style|style="|https?:\/\//);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    for (const name of ['page.js', 'page.css', 'icon.svg', 'speedscope/index.html', 'speedscope/LICENSE']) {
      const { status: found } = await ask(`${server.url}${name}`);
      expect([name, found]).toEqual([name, name.endsWith('LICENSE') ? 404 : 200]);
    }
  });

  it.each([
    '',
    'page.js',
    'events',
    'download?format=mojo',
    'source?file=/srv/main.py',
    'processes',
    'formats',
  ])('says nothing of /%s without the token, or with another', async (path) => {
    const { origin } = new URL(server.url);
    const other = server.url.replace(/[\w-](?=\/$)/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const base of [`${origin}/`, `${origin}//`, other, `${server.url.slice(0, -2)}/`]) {
      const { status, body } = await ask(`${base}${path}`);
      expect([base, status]).toEqual([base, 403]);
      expect(body).not.toContain('main');
    }
  });

  it('serves nobody who has it by another name, as a page from elsewhere would', async () => {
    const { port } = new URL(server.url);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${port}`,
      `[::ffff:1.2.3.4]:${port}`,
    ]) {
      const { status } = await ask(server.url, { headers: { host } });
      expect([host, status]).toEqual([host, 421]);
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect([host, (await ask(server.url, { headers: { host } })).status]).toEqual([host, 200]);
    }
  });

  it('serves no page of another origin', async () => {
    const { origin } = new URL(server.url);
    for (const other of [
      'null',
      'http://evil.example',
      `https${origin.slice(4)}`,
      `${origin}0`,
      'http://127.0.0.1',
    ]) {
      expect((await ask(`${server.url}formats`, { headers: { origin: other } })).status).toBe(403);
      expect((await post({ action: 'reset' }, { ...own(), origin: other })).status).toBe(403);
    }
    expect((await post({ action: 'stop' }, { 'content-type': 'application/json' })).status).toBe(403);
    expect((await post({ action: 'stop' }, { origin, 'content-type': 'text/plain' })).status).toBe(415);
    expect(session.asked).toEqual([]);
    expect(session.profile.counts.samples).toBe(1);
  });

  it('does what it is asked for, and nothing that it does not understand', async () => {
    expect(await post({ action: 'stop', more: 1 })).toMatchObject({ status: 200, body: '{}' });
    expect((await post({ action: 'attach', pid: 12, mode: 'cpu' })).status).toBe(200);
    expect(session.asked).toEqual([{ action: 'stop' }, { action: 'attach', pid: 12, mode: 'cpu' }]);
    const wrong = [
      null,
      [],
      'stop',
      {},
      { action: 'kill' },
      { action: 'attach' },
      { action: 'attach', pid: -1 },
      { action: 'attach', pid: '1' },
      { action: 'restart', mode: 'everything' },
      { action: 'stop', padding: 'x'.repeat(5000) },
    ];
    for (const body of wrong) expect([body, (await post(body)).status]).toEqual([body, 400]);
    expect(session.asked).toHaveLength(2);
    expect((await ask(`${server.url}control`)).status).toBe(404);
    expect((await ask(server.url, { method: 'PUT' })).status).toBe(405);
    expect((await ask(`${server.url}../package.json`)).status).toBe(403);
    expect((await ask(`${server.url}..%2f..%2fpackage.json`)).status).toBe(404);
  });

  it('gives the text of files that the profile names, and of no other', async () => {
    addSample(session.profile, '<frozen>');
    const source = (file: string) => ask(`${server.url}source?file=${encodeURIComponent(file)}`);
    expect(JSON.parse((await source('/srv/main.py')).body)).toEqual({ text: '# /srv/main.py' });
    for (const file of [
      '/etc/passwd',
      '/srv/../srv/main.py',
      '/srv/main.py\0',
      '',
      'main.py',
      '/srv/late.py',
    ]) {
      expect([file, (await source(file)).status]).toEqual([file, 404]);
    }
    expect(session.read).toEqual(['/srv/main.py']);
    addSample(session.profile, 'late');
    expect((await source('/srv/late.py')).status).toBe(200);
  });

  it('hands out downloads under a name that is only a name, and errors as what they are', async () => {
    const { status, headers, body } = await ask(`${server.url}download?format=mojo`);
    expect({ status, body }).toEqual({ status: 200, body: 'onetwo' });
    expect(headers['content-disposition']).toBe('attachment; filename="a_name_mojo.mojo"');
    expect(await ask(`${server.url}download?format=pprof`)).toMatchObject({
      status: 409,
      body: '{"error":"there is nothing yet","hint":"wait"}',
    });
    for (const format of ['', 'perf', 'nonsense']) {
      expect((await ask(`${server.url}download?format=${format}`)).status).toBe(404);
    }
    const formats = JSON.parse((await ask(`${server.url}formats`)).body) as { id: string }[];
    expect(formats.map(({ id }) => id)).toEqual(expect.arrayContaining(['mojo', 'speedscope', 'html']));
    expect(JSON.parse((await ask(`${server.url}processes`)).body)).toEqual([
      { pid: 7, command: 'python3 app.py' },
    ]);
  });

  it('gives tickets that lead to the page once', async () => {
    const first = server.ticketUrl();
    const second = server.ticketUrl();
    expect((await ask(first)).status).toBe(403);
    expect((await ask(second, { headers: { host: 'evil.example' } })).status).toBe(421);
    const { status, headers } = await ask(second);
    expect({ status, location: headers.location }).toEqual({
      status: 303,
      location: new URL(server.url).pathname,
    });
    expect((await ask(second)).status).toBe(403);
  });

  it('says what is wrong when it cannot listen', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startWebServer({ session, port })).rejects.toMatchObject({
      code: 'ERR_WEB_LISTEN',
      message: `cannot listen on 127.0.0.1:${port}: another program listens there`,
      hint: 'leave out `--port` to get a free one',
    });
    await expect(startWebServer({ session, host: '203.0.113.1' })).rejects.toMatchObject({
      code: 'ERR_WEB_LISTEN',
    });
  });

  it('is reached by any address of the machine when it is told to listen on all, and by no other name', async () => {
    const all = await startWebServer({ session, host: '0.0.0.0' });
    try {
      expect(all.isOpen).toBe(true);
      const url = all.url.replace('0.0.0.0', '127.0.0.1');
      const { port } = new URL(url);
      expect((await ask(url, { headers: { host: `192.0.2.7:${port}` } })).status).toBe(200);
      expect((await ask(url, { headers: { host: `evil.example:${port}` } })).status).toBe(421);
    } finally {
      await all.close();
    }
  });
});

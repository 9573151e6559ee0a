import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { delimiter } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { below, kill } from './pty.mjs';
import { folders } from './search.mjs';

const GRACE_MS = 3000;
/** How often the page of Austin Web asks. */
const POLL_MS = 3000;

/**
 * Starts a server of a page, and looks at what it sends as its page does, without drawing it. What comes is handed to `onOutput`.
 *
 * @param url finds the address in what the server prints
 * @param view connects to it, and answers with what ends that
 */
export function startOnPage({ command, url, view }, onOutput) {
  const child = spawn(command[0], command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Austin Web starts `austin`.
    env: { ...process.env, PATH: folders().join(delimiter), PYTHONUNBUFFERED: '1' },
  });
  const closed = once(child, 'close');
  let printed = '';
  let end = () => {};
  let isViewed = false;
  let address;
  const onPrinted = (chunk) => {
    printed += chunk;
    const found = isViewed ? undefined : url.exec(printed)?.[0];
    if (found === undefined) return;
    isViewed = true;
    address = new URL(found);
    end = view(address, onOutput);
  };
  child.stdout.on('data', onPrinted);
  child.stderr.on('data', onPrinted);
  return {
    printed: () => printed,
    url: () => address,
    pids: () => [child.pid, ...below(child.pid)],
    async end() {
      end();
      child.kill('SIGINT');
      await Promise.race([closed, sleep(GRACE_MS)]);
      for (const pid of [...below(child.pid), child.pid]) kill(pid);
      await closed;
    },
  };
}

/** Server-sent events, as our page takes them. */
export function viewEvents(url, onOutput) {
  const request = get(new URL('events', url), (response) => {
    response.setEncoding('utf8').on('data', onOutput);
  });
  request.on('error', () => {});
  return () => request.destroy();
}

/** A WebSocket (RFC 6455) that asks for what has come as the page of Austin Web does. */
export function viewSocket(url, onOutput) {
  let timer;
  let socket;
  const request = get(new URL('/ws', url), {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    },
  });
  request.on('error', () => {});
  request.on('upgrade', (_, upgraded, head) => {
    socket = upgraded;
    socket.on('error', () => {});
    if (head.length > 0) onOutput(head.toString('latin1'));
    // Frames are texts behind a few bytes: names are found without taking them apart.
    socket.on('data', (chunk) => onOutput(chunk.toString('latin1')));
    const ask = () => socket.write(textFrame('data'));
    ask();
    timer = setInterval(ask, POLL_MS);
  });
  return () => {
    clearInterval(timer);
    socket?.destroy();
    request.destroy();
  };
}

/** A short text as a client sends it: masked. */
function textFrame(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]);
}

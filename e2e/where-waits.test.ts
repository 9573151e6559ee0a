import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Snapshot, takeSnapshot } from '../packages/sampler/dist/index.js';
import { linesOf, start } from './cli-helpers.js';
import { findPythons } from './pythons.js';

const WAITERS = `
import os, select, socket, sys, threading, time

def sleeper():
    time.sleep(600)

def locked(lock=threading.Lock()):
    lock.acquire()
    lock.acquire()

def reader(pair=socket.socketpair()):
    pair[0].recv(1)

def accepter(server=socket.socket()):
    server.bind(('127.0.0.1', 0))
    server.listen()
    server.accept()

def selector(pipe=os.pipe()):
    select.select([pipe[0]], [], [])

for function in (sleeper, locked, reader, accepter, selector):
    threading.Thread(target=function, name=function.__name__, daemon=True).start()
time.sleep(0.3)
print('ready', flush=True)
sys.stdin.buffer.raw.read(1)
`;

const BURNERS = `
import threading, time

def burn():
    while True:
        pass

def locked(lock=threading.Lock()):
    lock.acquire()
    lock.acquire()

for name in ('one', 'two', 'three'):
    threading.Thread(target=burn, name=name, daemon=True).start()
threading.Thread(target=locked, name='locked', daemon=True).start()
time.sleep(0.2)
print('ready', flush=True)
time.sleep(600)
`;

const pythons = await findPythons();

const threadsOf = (snapshot: Snapshot) => new Map(snapshot.threads.map((thread) => [thread.name, thread]));

describe.each(pythons.map(({ path, version }) => ({ path, minor: version.minor })))(
  'where on 3.$minor',
  ({ path, minor }) => {
    it('says what each thread waits for', async () => {
      const program = start(path, ['-c', WAITERS], { keepsInput: true });
      await linesOf(program, 1);
      const threads = threadsOf(await takeSnapshot(program.pid));
      const sleep = minor < 11 ? 'select' : 'clock_nanosleep';
      const expected = {
        sleeper: ['sleeping', expect.stringMatching(new RegExp(`^p?${sleep}6?$`))],
        locked: ['a lock', 'futex'],
        reader: [expect.stringMatching(/^reading from socket:\[\d+\]$/), 'recvfrom'],
        accepter: [expect.stringMatching(/^a connection on socket:\[\d+\]$/), 'accept4'],
        selector: [expect.stringMatching(/^events on pipe:\[\d+\]$/), expect.stringMatching(/^p?select6?$/)],
        MainThread: [expect.stringMatching(/^reading from (pipe|socket):\[\d+\]$/), 'read'],
      };
      for (const [name, words] of Object.entries(expected)) {
        const thread = threads.get(name);
        expect([name, thread?.state, thread?.waitsForGil]).toEqual([name, 'sleeping', false]);
        expect([thread?.waitsFor, thread?.systemCall]).toEqual(words);
      }
    });

    it('tells who has the GIL and who waits for it', async () => {
      const program = start(path, ['-c', BURNERS]);
      await linesOf(program, 1);
      const waiting = new Set<string>();
      for (let look = 0; look < 200 && waiting.size < 3; look++) {
        const snapshot = await takeSnapshot(program.pid);
        expect(snapshot.threads.filter(({ holdsGil }) => holdsGil).length).toBeLessThanOrEqual(1);
        for (const thread of snapshot.threads) {
          if (thread.waitsForGil && thread.name !== 'MainThread') waiting.add(thread.name ?? '');
          expect(thread.holdsGil && thread.waitsForGil).toBe(false);
          if (thread.waitsForGil && thread.state === 'sleeping') expect(thread.waitsFor).toBe('the GIL');
        }
        const { waitsFor } = threadsOf(snapshot).get('locked') ?? {};
        expect(waitsFor).toBe('a lock');
        await delay(7);
      }
      expect([...waiting].sort()).toEqual(['one', 'three', 'two']);
    });
  },
);

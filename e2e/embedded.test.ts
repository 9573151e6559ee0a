import { chmodSync, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Profile, SampleFlag, type ThreadId } from '../packages/profile/dist/index.js';
import { takeSnapshot } from '../packages/sampler/dist/index.js';
import { works } from './attach-helpers.js';
import {
  framesOf,
  PROGRAMS,
  type Program,
  startProgram,
  startRecordingFile,
  temporaryFolder,
  until,
} from './record-helpers.js';

const UWSGI = ['uwsgi', '--plugin', 'python3'];
const hasUwsgi = works(UWSGI[0]!, ...UWSGI.slice(1), '--version');
if (!hasUwsgi) console.log('skipped: uWSGI. Install uwsgi and uwsgi-plugin-python3.');

const APACHE_MODULES = '/usr/lib/apache2/modules';
const hasApache = existsSync('/usr/sbin/apache2') && existsSync(join(APACHE_MODULES, 'mod_wsgi.so'));
if (!hasApache) console.log('skipped: Apache. Install apache2-bin and libapache2-mod-wsgi-py3.');

/** A port of the loopback interface that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Server {
  /** The process that answered. */
  ask(): Promise<number>;
}

/** Waits until a server that has just been started answers. */
async function answering(program: Program, port: number): Promise<Server> {
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
    return Number(text);
  };
  for (;;) {
    try {
      await ask();
      return { ask };
    } catch (error) {
      if (program.child.exitCode !== null) throw error;
      await delay(50);
    }
  }
}

/** Ends a server and all of its processes, as Ctrl-C would. */
async function stop(program: Program): Promise<void> {
  process.kill(program.pid, 'SIGINT');
  await program.ended;
}

/**
 * Records a server while it is asked, until the processes of interest have answered several times.
 *
 * @param root what to record: one of them, or, with `children`, the parent of all
 */
async function recordAtWork(
  server: Server,
  workers: readonly number[],
  root: { readonly pid: number; readonly children?: boolean },
): Promise<Profile> {
  let samples = 0;
  const recording = startRecordingFile(root.pid, {
    children: root.children ?? false,
    progressMs: 20,
    onProgress: (statistics) => {
      samples = statistics.samples;
    },
  });
  await recording.attached;
  const answers = new Map(workers.map((pid) => [pid, 0]));
  const isDone = () => [...answers.values()].every((count) => count >= 10);
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let asked = 0; asked < 300 && !isDone(); asked++) {
        const pid = await server.ask();
        answers.set(pid, (answers.get(pid) ?? 0) + 1);
      }
    }),
  );
  await until(() => samples > 0);
  recording.stop();
  const { profile, result } = await recording.finished;
  expect(result.error).toBeUndefined();
  if (!root.children) expect(result.target?.pid).toBe(root.pid);
  return profile;
}

/** The processes that answer, of which there are `count`. */
async function workersOf(server: Server, count: number): Promise<number[]> {
  const workers = new Set<number>();
  while (workers.size < count) {
    for (const pid of await Promise.all([server.ask(), server.ask(), server.ask()])) workers.add(pid);
  }
  return [...workers];
}

/** What the samples say of the application: its stacks, and the interpreters it ran in. */
function applicationOf(profile: Profile, file: string) {
  const stacks = new Set<string>();
  const processes = new Set<number>();
  const interpreters = new Set<number | null>();
  const { samples, tables } = profile;
  for (let i = 0; i < samples.length; i++) {
    if ((samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
    const frames = framesOf(profile, samples.stack[i]!);
    if (!frames.some((frame) => frame.file === file)) continue;
    stacks.add(frames.map((frame) => frame.name).join(' '));
    const { pid, iid } = tables.thread(samples.thread[i] as ThreadId);
    processes.add(pid);
    interpreters.add(iid);
  }
  return { stacks, processes, interpreters };
}

const LEGAL = ['application', 'application answer', 'application answer spin'];

function expectApplication(
  profile: Profile,
  file: string,
  workers: readonly number[],
): ReadonlySet<number | null> {
  const { stacks, processes, interpreters } = applicationOf(profile, file);
  expect(processes).toEqual(new Set(workers));
  expect([...stacks].filter((stack) => !LEGAL.includes(stack))).toEqual([]);
  expect(stacks).toContain('application answer spin');
  return interpreters;
}

/** uWSGI with a master process, and with `options` for its workers. */
async function startUwsgi(
  options: readonly string[],
): Promise<{ program: Program; server: Server; file: string }> {
  const port = await freePort();
  const file = join(PROGRAMS, 'wsgi_app.py');
  const application = ['--http-socket', `127.0.0.1:${port}`, '--wsgi-file', file, '--need-app'];
  const words = [...UWSGI.slice(1), '--master', ...options, ...application, '--disable-logging'];
  const program = startProgram(UWSGI[0]!, words, { stdio: ['pipe', 'ignore', 'ignore'] });
  return { program, server: await answering(program, port), file };
}

describe('Python inside of another program', () => {
  it.runIf(hasUwsgi)('workers of uWSGI, one or all of them', async () => {
    const { program, server, file } = await startUwsgi(['--processes', '2']);
    const workers = await workersOf(server, 2);
    expect(workers).not.toContain(program.pid);
    const [worker] = workers as [number];
    expectApplication(await recordAtWork(server, [worker], { pid: worker }), file, [worker]);
    expect((await takeSnapshot(worker)).target.executable).toMatch(/uwsgi/);
    // The master has a Python too, which does nothing.
    const root = { pid: program.pid, children: true };
    expectApplication(await recordAtWork(server, workers, root), file, workers);
    await stop(program);
  });

  it.runIf(hasUwsgi)('a worker of uWSGI with threads', async () => {
    const { program, server, file } = await startUwsgi(['--threads', '3']);
    const worker = await server.ask();
    const profile = await recordAtWork(server, [worker], { pid: worker });
    expectApplication(profile, file, [worker]);
    expect(profile.tables.threadCount).toBeGreaterThan(1);
    await stop(program);
  });

  it.runIf(hasApache)('daemon processes of Apache, in sub-interpreters of mod_wsgi', async () => {
    const port = await freePort();
    const folder = temporaryFolder();
    chmodSync(folder, 0o755); // Apache's children run as another user
    const file = join(folder, 'wsgi_app.py');
    copyFileSync(join(PROGRAMS, 'wsgi_app.py'), file);
    const modules = ['mpm_event', 'authz_core', 'wsgi'];
    const configuration = [
      `ServerRoot ${folder}`,
      'ServerName localhost',
      `Listen 127.0.0.1:${port}`,
      `PidFile ${folder}/pid`,
      `ErrorLog ${folder}/errors`,
      `DefaultRuntimeDir ${folder}`,
      ...modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`),
      ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
      `WSGISocketPrefix ${folder}/wsgi`,
      'WSGIDaemonProcess demo processes=2 threads=3',
      'WSGIProcessGroup demo',
      `WSGIScriptAlias / ${file}`,
      `<Directory ${folder}>`,
      'Require all granted',
      '</Directory>',
    ];
    writeFileSync(join(folder, 'apache.conf'), `${configuration.join('\n')}\n`);
    const program = startProgram(
      '/usr/sbin/apache2',
      ['-D', 'FOREGROUND', '-f', join(folder, 'apache.conf')],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    const server = await answering(program, port);
    const daemons = await workersOf(server, 2);
    expect(daemons).not.toContain(program.pid);
    const [daemon] = daemons as [number];
    const roots = [{ pid: daemon }, { pid: program.pid, children: true }];
    for (const root of roots) {
      const workers = root.children ? daemons : [daemon];
      const interpreters = expectApplication(await recordAtWork(server, workers, root), file, workers);
      // Each application has an interpreter of its own; the main one stays empty.
      expect(interpreters.size).toBe(1);
      expect([...interpreters][0]).toBeGreaterThan(0);
    }
    await stop(program);
  });
});

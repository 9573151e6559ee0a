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

/** Records one process of a server while it is asked, until it was seen at work. */
async function recordAtWork(server: Server, pid: number): Promise<Profile> {
  let samples = 0;
  const recording = startRecordingFile(pid, {
    progressMs: 20,
    onProgress: (statistics) => {
      samples = statistics.samples;
    },
  });
  await recording.attached;
  const answered: number[] = [];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (answered.filter((process) => process === pid).length < 10 && answered.length < 500) {
        answered.push(await server.ask());
      }
    }),
  );
  await until(() => samples > 0);
  recording.stop();
  const { profile, result } = await recording.finished;
  expect(result.error).toBeUndefined();
  expect(result.target?.pid).toBe(pid);
  return profile;
}

/** What the samples say of the application: its stacks, and the interpreters it ran in. */
function applicationOf(
  profile: Profile,
  file: string,
): { stacks: Set<string>; interpreters: Set<number | null> } {
  const stacks = new Set<string>();
  const interpreters = new Set<number | null>();
  const { samples, tables } = profile;
  for (let i = 0; i < samples.length; i++) {
    if ((samples.flags[i]! & SampleFlag.Invalid) !== 0) continue;
    const frames = framesOf(profile, samples.stack[i]!);
    if (!frames.some((frame) => frame.file === file)) continue;
    stacks.add(frames.map((frame) => frame.name).join(' '));
    interpreters.add(tables.thread(samples.thread[i] as ThreadId).iid);
  }
  return { stacks, interpreters };
}

const LEGAL = ['application', 'application answer', 'application answer spin'];

function expectApplication(profile: Profile, file: string): Set<number | null> {
  const { stacks, interpreters } = applicationOf(profile, file);
  expect([...stacks].filter((stack) => !LEGAL.includes(stack))).toEqual([]);
  expect(stacks).toContain('application answer spin');
  return interpreters;
}

describe('Python inside of another program', () => {
  it.runIf(hasUwsgi)('a worker of uWSGI', async () => {
    const port = await freePort();
    const file = join(PROGRAMS, 'wsgi_app.py');
    const options = [
      '--http-socket',
      `127.0.0.1:${port}`,
      '--wsgi-file',
      file,
      '--need-app',
      '--disable-logging',
    ];
    const program = startProgram(UWSGI[0]!, [...UWSGI.slice(1), '--master', '--processes', '2', ...options], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const server = await answering(program, port);
    const worker = await server.ask();
    expect(worker).not.toBe(program.pid);
    expectApplication(await recordAtWork(server, worker), file);
    expect((await takeSnapshot(worker)).target.executable).toMatch(/uwsgi/);
    await stop(program);
  });

  it.runIf(hasUwsgi)('a worker of uWSGI with threads', async () => {
    const port = await freePort();
    const file = join(PROGRAMS, 'wsgi_app.py');
    const options = [
      '--http-socket',
      `127.0.0.1:${port}`,
      '--wsgi-file',
      file,
      '--need-app',
      '--disable-logging',
    ];
    const program = startProgram(UWSGI[0]!, [...UWSGI.slice(1), '--master', '--threads', '3', ...options], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const server = await answering(program, port);
    const profile = await recordAtWork(server, await server.ask());
    expectApplication(profile, file);
    expect(profile.tables.threadCount).toBeGreaterThanOrEqual(3);
    await stop(program);
  });

  it.runIf(hasApache)('a daemon process of Apache, in a sub-interpreter of mod_wsgi', async () => {
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
    const daemon = await server.ask();
    expect(daemon).not.toBe(program.pid);
    const interpreters = expectApplication(await recordAtWork(server, daemon), file);
    // Each application has an interpreter of its own; the main one stays empty.
    expect(interpreters.size).toBe(1);
    expect([...interpreters][0]).toBeGreaterThan(0);
    await stop(program);
  });
});

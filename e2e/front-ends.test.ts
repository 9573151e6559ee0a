import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { childrenOf, ended, pidIn } from './classic-helpers.js';
import { BUSY, ENDLESS, PYTHON, runs, script, start, temporaryFolder, until } from './cli-helpers.js';
import { type FrontEnds, installFrontEnds } from './front-ends.js';

// Installing takes as long as the network does.
const newer = await installFrontEnds(4, ['austin-python>=2.2,<3', 'austin-tui>=2,<3'], [12, 13, 11, 10]);
const oldest = await installFrontEnds(4, ['austin-python==2.0.0'], [12, 13, 11, 10]);
const older = await installFrontEnds(
  3,
  ['austin-python==1.7.1', 'austin-tui>=1,<2', 'austin-web==0.3.0', 'setuptools<80'],
  [10, 11, 9],
);

const folder = (name: string) => fileURLToPath(new URL(`front-ends/${name}`, import.meta.url));
const json = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1)!);

/** A folder with a program that computes for a second or so and takes more and more memory, and one that does not end by itself. */
function programs(): string {
  const cwd = temporaryFolder();
  script(
    cwd,
    `${BUSY}\nkept = []\nfor _ in range(100):\n    outer(30)\n    kept.append(bytearray(200000))`,
    'busy.py',
  );
  script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`, 'endless.py');
  return cwd;
}

/** What a front end says it saw, on its last line; it fails the test if it fails or complains. */
async function told(frontEnds: FrontEnds, args: readonly string[], cwd: string): Promise<unknown> {
  const env = frontEnds.environment();
  const { code, stdout, stderr } = await start(frontEnds.python, args, { cwd, env }).finished;
  expect([code, stderr]).toEqual([0, '']);
  return json(stdout.toString());
}

interface Seen2 {
  readonly samples: number;
  readonly time: number;
  readonly functions: readonly string[];
  readonly keys: readonly string[];
  readonly ends: number;
  readonly code: number;
  readonly version: readonly number[];
  readonly python: readonly number[];
}

describe.each([
  ['2, the newest', newer],
  ['2.0', oldest],
] as const)('austin-python %s', (_, frontEnds) => {
  const CLASSES = ['SimpleAustin', 'ThreadedAustin', 'AsyncAustin'];

  it.skipIf(!frontEnds).each(CLASSES)('%s sees a program from start to end', async (name) => {
    const cwd = programs();
    const args = [folder('api2.py'), name, '0', '-i', '1ms', PYTHON, 'busy.py'];
    const seen = (await told(frontEnds!, args, cwd)) as Seen2;
    expect(seen).toMatchObject({ ends: 1, code: 0, version: [4, 0, 0] });
    expect(seen.python.slice(0, 2)).toEqual([3, expect.any(Number)]);
    expect(seen.functions).toEqual(expect.arrayContaining(['outer', 'inner', '<module>']));
    expect(seen.samples).toBeGreaterThan(100);
    expect(seen.time / seen.samples).toBeGreaterThan(900);
    expect(seen.keys).toEqual(
      expect.arrayContaining(['austin', 'mode', 'python', 'duration', 'errors', 'sampling', 'saturation']),
    );
  });

  it.skipIf(!frontEnds).each(CLASSES)('%s stops it', async (name) => {
    const cwd = programs();
    const args = [folder('api2.py'), name, '100', '-i', '1ms', PYTHON, 'endless.py'];
    const seen = (await told(frontEnds!, args, cwd)) as Seen2;
    expect(seen).toMatchObject({ ends: 1, code: 241 });
    expect(seen.keys).toContain('duration');
    expect(runs(await pidIn(cwd))).toBe(false);
  });

  it.skipIf(!frontEnds)('takes the other modes', async () => {
    const cwd = programs();
    for (const flag of ['-c', '-m', '-f', '-C']) {
      const args = [folder('api2.py'), 'SimpleAustin', '0', flag, '-i', '1ms', PYTHON, 'busy.py'];
      expect(((await told(frontEnds!, args, cwd)) as Seen2).samples).toBeGreaterThan(0);
    }
  });

  it.skipIf(!frontEnds)('is told when there is no Python', async () => {
    const args = [folder('api2.py'), 'SimpleAustin', '0', '-t', '200', 'sleep', '60'];
    const { code, stderr } = await start(frontEnds!.python, args, { env: frontEnds!.environment() }).finished;
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot determine Austin version from output');
  });
});

interface Seen1 {
  readonly samples: number;
  readonly parsed: number;
  readonly functions: readonly string[];
  readonly ready: { readonly austin: number; readonly child: number; readonly command: string };
  readonly footer: Readonly<Record<string, string>>;
  readonly terminated: boolean;
  readonly version: readonly number[];
}

describe('austin-python 1.7', () => {
  const CLASSES = ['SimpleAustin', 'ThreadedAustin', 'AsyncAustin'];

  it.skipIf(!older).each(CLASSES)('%s sees a program from start to end', async (name) => {
    const cwd = programs();
    const args = [folder('api1.py'), name, '0', '-i', '1000', PYTHON, 'busy.py'];
    const seen = (await told(older!, args, cwd)) as Seen1;
    expect(seen).toMatchObject({ terminated: false, version: [3, 7, 0] });
    expect(seen.ready.command).toBe(`${PYTHON} busy.py`);
    expect(seen.functions).toEqual(expect.arrayContaining(['outer', 'inner', '<module>']));
    expect(seen.parsed).toBeGreaterThan(100);
    expect(seen.parsed).toBeGreaterThan(0.9 * seen.samples);
    expect(Object.keys(seen.footer)).toEqual(['duration', 'sampling', 'saturation', 'errors']);
  });

  it.skipIf(!older).each(CLASSES)('%s stops it', async (name) => {
    const cwd = programs();
    const args = [folder('api1.py'), name, '100', '-i', '1000', PYTHON, 'endless.py'];
    expect(await told(older!, args, cwd)).toMatchObject({ terminated: true });
    expect(runs(await pidIn(cwd))).toBe(false);
  });

  it.skipIf(!older)('is told when there is no Python', async () => {
    const args = [folder('api1.py'), 'SimpleAustin', '0', '-t', '200', 'sleep', '60'];
    const { code, stderr } = await start(older!.python, args, { env: older!.environment() }).finished;
    expect(code).toBe(1);
    expect(stderr).toContain('Austin did not start properly');
  });
});

describe('Austin TUI', () => {
  interface Shown {
    readonly code: number;
    readonly met: readonly string[];
    readonly shown: string;
  }

  /** Shows an endless program, and presses a key when a text of `steps` is seen. */
  async function shown(
    generation: NonNullable<typeof newer>,
    interval: string,
    cwd: string,
    steps: readonly (readonly [text: string, key: string])[],
  ): Promise<Shown> {
    const tui = [generation.program('austin-tui'), '-i', interval, PYTHON, 'endless.py'];
    const words = [folder('in_terminal.py'), JSON.stringify(steps), ...tui];
    const { stdout } = await start(generation.python, words, { cwd, env: generation.environment() }).finished;
    return json(stdout.toString()) as Shown;
  }

  it.skipIf(!newer)('2 shows a running program, and ends it', async () => {
    const cwd = programs();
    const seen = await shown(newer!, '1ms', cwd, [
      ['Wall Time Profile', ''],
      ['inner', 'q'],
    ]);
    expect(seen).toMatchObject({ code: 0, met: ['WallTimeProfile', 'inner'] });
    await ended(await pidIn(cwd));
  });

  it.skipIf(!older)('1 shows a running program, saves what it saw, and ends it', async () => {
    const cwd = programs();
    const seen = await shown(older!, '1000', cwd, [
      ['Wall Time Profile', ''],
      ['inner', 's'],
      ['Stats saved as', 'q'],
    ]);
    expect(seen).toMatchObject({ code: 0, met: ['WallTimeProfile', 'inner', 'Statssavedas'] });
    const pid = await pidIn(cwd);
    await ended(pid);
    const saved = readdirSync(cwd).find((name) => name.endsWith('.aprof'));
    expect(saved).toContain(`_${pid}.aprof`);
    expect(readFileSync(join(cwd, saved!), 'utf8')).toMatch(
      /^# austin: 3\.7\.0\n(?:.*\n)*P\d+;T0:\d+;.*outer.* \d+\n/,
    );
  });
});

describe('Austin Web', () => {
  interface Node {
    readonly name: string;
    readonly value: number;
    readonly children: readonly Node[];
  }

  it.skipIf(!older)('serves its page and samples', async () => {
    const cwd = programs();
    const web = start(older!.program('austin-web'), ['-i', '1000', PYTHON, 'endless.py'], {
      cwd,
      env: { ...older!.environment(), PYTHONUNBUFFERED: '1' },
    });
    let text = '';
    web.child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    await until(() => /http:\/\/localhost:\d+/.test(text));
    const port = /http:\/\/localhost:(\d+)/.exec(text)![1]!;
    const { code, stdout, stderr } = await start(older!.python, [folder('websocket.py'), port]).finished;
    expect([code, stderr]).toEqual([0, '']);
    const { status, page, messages } = json(stdout.toString()) as {
      status: number;
      page: string;
      messages: readonly [{ pid: number; command: string }, ...{ data: Node; samples: number }[]];
    };
    expect(status).toBe(200);
    expect(page).toContain('<!DOCTYPE html>');
    const [info, ...samples] = messages;
    const [austin] = childrenOf(web.pid);
    const pid = await pidIn(cwd);
    expect(info).toMatchObject({ type: 'info', pid: austin, command: `${PYTHON} endless.py`, metric: 't' });
    const last = samples.at(-1)!;
    expect(last.samples).toBeGreaterThan(0);
    const [processNode] = last.data.children;
    expect(processNode?.name).toBe(`${pid}`);
    expect(processNode?.children[0]?.name).toBe(`0:${pid}`);
    expect(JSON.stringify(last.data)).toContain('"outer"');
    process.kill(austin!, 'SIGTERM');
    await ended(pid);
    web.child.kill('SIGKILL');
  });
});

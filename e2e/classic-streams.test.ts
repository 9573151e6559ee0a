import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  childrenOf,
  classic,
  classic3,
  ended,
  mojoStream,
  pidIn,
  startClassic,
  startClassic3,
  textStream,
} from './classic-helpers.js';
import {
  BUSY,
  ENDLESS,
  type Finished,
  PYTHON,
  runs,
  script,
  start,
  temporaryFolder,
  until,
} from './cli-helpers.js';
import { findPythons } from './pythons.js';

const pythons = await findPythons();

/** Another version than that of `PYTHON`, where there is one. */
const OTHER = pythons.findLast(({ path }) => path !== PYTHON)?.path ?? PYTHON;

describe.each(pythons)('of Python 3.$version.minor', (python) => {
  const version = `3.${python.version.minor}.${python.version.micro}`;
  const program = `import os\ndef brief():\n    while not os.path.exists('seen'): pass\nbrief()\n`;

  /** What the command line writes of a program that ends once the stream has shown what it does. */
  async function streamOf(run: typeof startClassic, options: readonly string[]): Promise<Finished> {
    const cwd = temporaryFolder();
    script(cwd, program);
    const austin = run(['-P', ...options, python.path, 'app.py'], { cwd });
    let seen = '';
    austin.child.stdout!.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (seen.includes('brief')) writeFileSync(join(cwd, 'seen'), '');
    });
    return austin.finished;
  }

  it('a MOJO stream is version 3, whole, and says what front ends ask for', async () => {
    const { code, stdout, stderr } = await streamOf(startClassic, []);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.subarray(0, 4)).toEqual(Buffer.from('MOJ\u0003'));
    const { metadata, samples, names, events } = mojoStream(stdout);
    expect(Object.fromEntries(metadata)).toMatchObject({
      austin: '4.0.0',
      interval: '100',
      mode: 'wall',
      python: expect.stringContaining(version),
      count: `${samples}`,
      duration: expect.stringMatching(/^\d+$/),
      sampling: expect.stringMatching(/^\d+,\d+,\d+$/),
      saturation: expect.stringMatching(/^\d+\/\d+$/),
      errors: expect.stringMatching(new RegExp(`^\\d+/${samples}$`)),
    });
    expect(names).toContain('brief');
    const first = events.findIndex(({ type }) => type === 'stack');
    const isBeforeSamples = (key: string) =>
      events.slice(0, first).some((event) => event.type === 'metadata' && event.key === key);
    expect(['austin', 'interval', 'mode', 'python'].filter((key) => !isBeforeSamples(key))).toEqual([]);
  });

  it('a text stream is whole, and has the lines that front ends ask for', async () => {
    const { code, stdout, stderr } = await streamOf(startClassic3, ['-i', '1ms']);
    expect([code, stderr]).toEqual([0, '']);
    const { header, samples, footer } = textStream(stdout.toString());
    expect([...header.keys()]).toEqual(['austin', 'interval', 'mode', 'python']);
    expect(header.get('austin')).toBe('3.7.0');
    expect(header.get('python')).toContain(version);
    expect([...footer.keys()]).toEqual(['duration', 'sampling', 'saturation', 'errors']);
    const [, pid, tid] = /^P(\d+);T0:(\d+)/.exec(samples[0]!)!;
    expect(tid).toBe(pid);
    expect(samples.filter((line) => line.includes('app.py:brief:')).length).toBeGreaterThan(0);
  });

  it('a program that does nothing leaves a whole stream', async () => {
    mojoStream((await classic(['-P', python.path, '-c', 'pass'])).stdout);
    textStream((await classic3(['-P', python.path, '-c', 'pass'])).stdout.toString());
  });
});

describe('the stream', () => {
  it('begins when the interpreter is known, long before the first sample', async () => {
    for (const [run, head] of [
      [startClassic, 'python\0'],
      [startClassic3, '\n\n'],
    ] as const) {
      const cwd = temporaryFolder();
      script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
      const austin = run(['-P', '-i', '1000s', PYTHON, 'app.py'], { cwd });
      let seen = '';
      austin.child.stdout?.on('data', (bytes: Buffer) => {
        seen += bytes.toString('latin1');
      });
      await until(() => seen.includes(head));
      const pid = await pidIn(cwd);
      process.kill(austin.pid, 'SIGTERM');
      expect((await austin.finished).code).toBe(241);
      expect(runs(pid)).toBe(false);
    }
  });

  it('of a program that runs on goes on too', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const austin = startClassic3(['-P', '-i', '150ms', PYTHON, 'app.py'], { cwd });
    let lines = 0;
    austin.child.stdout?.on('data', (bytes: Buffer) => {
      lines += bytes.toString().split('\n').length - 1;
    });
    await until(() => lines > 8); // the header has five
    process.kill(austin.pid, 'SIGTERM');
    await austin.finished;
  });

  it('in binary is MOJO for Austin 3 too', async () => {
    const { stdout } = await classic3(['-P', '-b', PYTHON, '-c', 'pass']);
    expect(mojoStream(stdout)).toMatchObject({ version: 3 });
    expect(mojoStream(stdout).metadata.get('austin')).toBe('3.7.0');
  });

  it('has names that would break a line, and stacks that would be too long for one', async () => {
    const cwd = temporaryFolder();
    const program = `
import sys
sys.setrecursionlimit(10_000)
names = {}
exec(compile('def deep(n):\\n    if n: return deep(n - 1)\\n    return sum(range(20_000_000))\\n', 'a;b\\n' + 'x' * 60, 'exec'), names)
names['deep'](900)
`;
    script(cwd, program);
    const { stdout } = await classic3(['-P', '-i', '5ms', PYTHON, 'app.py'], { cwd });
    const { samples } = textStream(stdout.toString());
    const deep = samples.filter((line) => line.includes(String.raw`;a\x3bb\x0axxx`));
    expect(deep.length).toBeGreaterThan(0);
    expect(Math.max(...samples.map((line) => Buffer.byteLength(line) + 1))).toBeLessThan(65_536);
    expect(deep.some((line) => line.includes(';<austin>:<frames left out>:0;'))).toBe(true);
  });

  it.each([
    ['python, then sh, then python', (python: string) => ['sh', '-c', `${python} app.py; true`]],
    [
      'exec of another Python',
      (python: string) => [python, '-c', `import os\nos.execv('${OTHER}', ['${OTHER}', 'app.py'])`],
    ],
  ])('goes through %s to the end', async (_, command) => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(500)\ndef last():\n    outer(2000)\nlast()\n`);
    const { code, stdout } = await classic(['-P', '-i', '1ms', ...command(PYTHON)], { cwd });
    expect(code).toBe(0);
    expect(mojoStream(stdout).names).toContain('last');
  });

  it('of threads that come and go lasts to the end', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${BUSY}
import threading, time
def brief():
    time.sleep(0.002)
end = time.time() + 1.5
while time.time() < end:
    threads = [threading.Thread(target=brief) for _ in range(10)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def last():
    outer(2000)
last()
`,
    );
    const { code, stdout } = await classic(['-P', '-i', '1ms', PYTHON, 'app.py'], { cwd });
    expect(code).toBe(0);
    const { names, metadata } = mojoStream(stdout);
    expect(names).toContain('last');
    expect(Number(metadata.get('duration'))).toBeGreaterThan(1_500_000);
  });
});

describe('a name that ends in .gz', () => {
  const packed = (folder: string, name: string) => gunzipSync(readFileSync(join(folder, name)));

  it('is that of a compressed stream', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(2000)`);
    const mojo = await classic(['-P', '-i', '1ms', '-o', 'out.mojo.gz', PYTHON, 'app.py'], { cwd });
    expect([mojo.code, mojo.stdout.toString(), mojo.stderr]).toEqual([0, '', '']);
    expect(mojoStream(packed(cwd, 'out.mojo.gz')).samples).toBeGreaterThan(0);
    const text = await classic3(['-P', '-i', '1ms', '-o', 'out.austin.gz', PYTHON, 'app.py'], { cwd });
    expect([text.code, text.stdout.toString(), text.stderr]).toEqual([0, '', '']);
    expect(textStream(packed(cwd, 'out.austin.gz').toString()).samples.length).toBeGreaterThan(0);
  });

  it('is that of a whole file where no Python was found', async () => {
    const cwd = temporaryFolder();
    const args = (name: string) => ['-P', '-t', '100ms', '-o', name, 'sleep', '60'];
    expect((await classic(args('out.mojo.gz'), { cwd })).code).toBe(11);
    expect(packed(cwd, 'out.mojo.gz').toString()).toBe('MOJ\u0003');
    expect((await classic3(args('out.gz'), { cwd })).code).toBe(32);
    expect(packed(cwd, 'out.gz').toString()).toBe('');
  });

  it('of a file that is full ends everything with an error', async () => {
    const cwd = temporaryFolder();
    symlinkSync('/dev/full', join(cwd, 'full.gz'));
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    for (const [run, outputCode] of [
      [classic, 5],
      [classic3, 255],
    ] as const) {
      expect((await run(['-P', '-o', 'full.gz', PYTHON, 'app.py'], { cwd })).code).toBe(outputCode);
    }
  });
});

describe('a mode', () => {
  const GROWING = `
import gc, time
blocks = []
def grow():
    for _ in range(20):
        blocks.append(bytearray(1 << 20))
        time.sleep(0.01)
def collect():
    end = time.time() + 0.7
    while time.time() < end:
        cycles = [[] for _ in range(20_000)]
        for cycle in cycles: cycle.append(cycles)
        del cycles, cycle
        gc.collect()
grow()
collect()
`;

  it.each([
    ['-c', 'cpu', / \d+$/],
    ['-s', 'cpu', / \d+$/],
    ['-m', 'memory', / -?\d+$/],
    ['-f', 'full', / \d+,[01],-?\d+$/],
  ] as const)('%s has its metrics, in both streams', async (flag, mode, metrics) => {
    const cwd = temporaryFolder();
    script(cwd, GROWING);
    const text = await classic3(['-P', flag, '-i', '2ms', PYTHON, 'app.py'], { cwd });
    expect([text.code, text.stderr]).toEqual([0, '']);
    const { header, samples } = textStream(text.stdout.toString());
    expect(header.get('mode')).toBe(mode);
    expect(header.has('memory')).toBe(mode === 'memory' || mode === 'full');
    expect(samples.filter((line) => !metrics.test(line))).toEqual([]);
    expect(samples.some((line) => line.includes(':collect:'))).toBe(true);
    const binary = mojoStream((await classic(['-P', flag, '-i', '2ms', PYTHON, 'app.py'], { cwd })).stdout);
    expect(binary.metadata.get('mode')).toBe(mode);
    const types = new Set(binary.events.map(({ type }) => type));
    expect(types.has('metric-time')).toBe(mode !== 'memory');
    expect(types.has('metric-memory')).toBe(mode === 'memory' || mode === 'full');
  });

  it('marks garbage collection with -g', async () => {
    const cwd = temporaryFolder();
    script(cwd, GROWING);
    const text = await classic3(['-Pg', '-i', '2ms', PYTHON, 'app.py'], { cwd });
    const { samples, footer } = textStream(text.stdout.toString());
    expect(samples.some((line) => line.includes(';:GC: '))).toBe(true);
    expect(Number(footer.get('gc'))).toBeGreaterThan(0);
    expect(Number(footer.get('gc'))).toBeLessThanOrEqual(Number(footer.get('duration')));
    const binary = mojoStream((await classic(['-P', '--gc', '-i', '2ms', PYTHON, 'app.py'], { cwd })).stdout);
    expect(binary.events.some(({ type }) => type === 'gc')).toBe(true);
  });
});

describe('children', () => {
  const FAMILY = `${BUSY}
import multiprocessing, os, subprocess, sys
def in_pool(_):
    outer(500)
if __name__ == '__main__':
    if len(sys.argv) > 1:
        def below_shell():
            outer(1000)
        with open('shell', 'w') as file: file.write(str(os.getppid()))
        below_shell()
    else:
        with multiprocessing.get_context('fork').Pool(2) as pool: pool.map(in_pool, range(4))
        subprocess.run(['sh', '-c', sys.executable + ' app.py child; true'])
`;

  it('are followed with -C, at any depth, to their end', async () => {
    const cwd = temporaryFolder();
    script(cwd, FAMILY);
    const binary = await classic(['-PC', '-i', '2ms', PYTHON, 'app.py'], { cwd });
    expect(binary.code).toBe(0);
    const { names, events, metadata } = mojoStream(binary.stdout);
    expect([...names]).toEqual(expect.arrayContaining(['in_pool', 'below_shell']));
    const pids = new Set(events.flatMap((event) => (event.type === 'stack' ? [event.pid] : [])));
    // What is to become the shell is Python for a moment.
    const shell = () => readFileSync(join(cwd, 'shell'), 'utf8');
    pids.delete(Number(shell()));
    expect(pids.size).toBe(4);
    expect(metadata.get('multiprocess')).toBe('on');
    const text = await classic3(['-PC', '-i', '2ms', PYTHON, 'app.py'], { cwd });
    const { samples, header } = textStream(text.stdout.toString());
    const processes = new Set(samples.map((line) => line.split(';')[0]));
    processes.delete(`P${shell()}`);
    expect(processes.size).toBe(4);
    expect(header.get('multiprocess')).toBe('on');
  });

  it('that there are none is said', async () => {
    for (const [run, code] of [
      [classic, 1],
      [classic3, 39],
    ] as const) {
      const result = await run(['-PC', '-t', '200ms', 'sleep', '60']);
      expect(result.code).toBe(code);
      expect(result.stderr).toContain('not spawned any child');
    }
  });
});

describe('the program', () => {
  it('is the first child of the process that was started', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${ENDLESS}\nready()\nwhile True: outer(10)`);
    const austin = startClassic3(['-P', PYTHON, 'app.py'], { cwd });
    const pid = await pidIn(cwd);
    expect(childrenOf(austin.pid)[0]).toBe(pid);
    process.kill(austin.pid, 'SIGTERM');
    await austin.finished;
  });

  it('cannot print into the stream, and has standard output to itself with -o', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `import sys\nprint('to the output', sys.stdin.read())\nprint('to the errors', file=sys.stderr)\n`,
    );
    const options = { cwd, input: 'from the input' };
    const piped = await classic(['-P', PYTHON, 'app.py'], options);
    expect(mojoStream(piped.stdout).metadata.get('python')).toBeDefined();
    expect(piped.stdout.includes('to the output')).toBe(false);
    expect(piped.stderr).toBe('to the errors\n');
    const filed = await classic(['-P', '-o', 'out.mojo', PYTHON, 'app.py'], options);
    expect(filed.stdout.toString()).toBe('to the output from the input\n');
    mojoStream(readFileSync(join(cwd, 'out.mojo')));
    const filed3 = await classic3(['-P', '-o', 'out.txt', PYTHON, 'app.py'], options);
    expect(filed3.stdout.toString()).toBe('to the output from the input\n');
    textStream(readFileSync(join(cwd, 'out.txt'), 'utf8'));
  });
});

describe('a person', () => {
  it('is told what is found and what came of it', async () => {
    const cwd = temporaryFolder();
    script(cwd, `${BUSY}\nouter(1500)`);
    for (const run of [classic, classic3]) {
      const { code, stderr } = await run(['-i', '1ms', '-x', '20', '-o', 'out', PYTHON, 'app.py'], { cwd });
      expect(code).toBe(0);
      expect(stderr).toMatch(/🐍 Python version: 3\.\d+\.\d+\S*\n🕑 Sampling for 20 second\(s\)\n/);
      expect(stderr).toMatch(/\n\nStatistics\n⌛ Duration: .*\n📶 Rate: .*\n⏱️ .*\n🐢 .*\n💀 .*\n$/u);
      expect(stderr).not.toContain('\x1b');
    }
  });

  it('is told that there was nothing to see', async () => {
    const { code, stderr } = await classic(['-o', join(temporaryFolder(), 'out'), 'true']);
    expect(code).toBe(0);
    expect(stderr).toContain('too quickly');
    expect(stderr).toContain('😣 No samples collected.');
  });
});

describe('where mode', () => {
  it('shows every thread, newest first, the outermost call on top', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}
import threading, time
def wait_for_work():
    time.sleep(60)
threading.Thread(target=wait_for_work, daemon=True).start()
time.sleep(0.2)
ready()
while True: outer(10)
`,
    );
    const target = start(PYTHON, ['app.py'], { cwd });
    const pid = await pidIn(cwd);
    const { code, stdout, stderr } = await classic(['-w', `${pid}`], { cwd });
    expect(code).toBe(0);
    expect(stderr).toContain('🐍 Python version: 3.');
    const blocks = `\n${stdout.toString()}`.split('\n\n\n').slice(1);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]).toMatch(new RegExp(`^💤 Process ${pid} 🧵 Thread 0:\\d+\n\n`));
    expect(blocks[0]!.trimEnd().split('\n').at(-1)).toMatch(/^ {4}wait_for_work \(.*app\.py:\d+\)$/);
    expect(blocks[1]).toMatch(
      new RegExp(`^(🚀|💤) Process ${pid} 🧵 Thread 0:${pid}\n\n {4}<module> \\(.*app.py:\\d+\\)\n`),
    );

    const piped = await classic3(['-PCw', `${pid}`, '-o', 'report.txt'], { cwd });
    expect([piped.code, piped.stdout.toString(), piped.stderr]).toEqual([0, '', '']);
    expect(readFileSync(join(cwd, 'report.txt'), 'utf8')).toContain('    wait_for_work (');
    await classic(['-w', `${pid}`, '-o', 'report.gz'], { cwd });
    expect(gunzipSync(readFileSync(join(cwd, 'report.gz'))).toString()).toContain('    wait_for_work (');
    target.child.kill();
    await ended(pid);
  });

  it('shows the children too', async () => {
    const cwd = temporaryFolder();
    script(
      cwd,
      `${ENDLESS}\nimport subprocess, sys\nchild = subprocess.Popen(['sh', '-c', sys.executable + ' child.py; true'])\nchild.wait()`,
    );
    script(cwd, `${ENDLESS}\nready()\ndef in_child():\n    while True: outer(10)\nin_child()`, 'child.py');
    const parent = start(PYTHON, ['app.py'], { cwd });
    const child = await pidIn(cwd);
    await delay(100);
    const { code, stdout } = await classic3(['-Cw', `${parent.pid}`]);
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      new RegExp(`🧒 Process ${child} [\\s\\S]*in_child[\\s\\S]*💤 Process ${parent.pid} `),
    );
    expect((await classic(['-Cw', `${parent.pid}`])).stdout.toString()).not.toContain('🧒');
    process.kill(child, 'SIGKILL');
    await ended(parent.pid);
  });
});

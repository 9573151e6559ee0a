import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { austin, CLI, NO_PID, PYTHON, start, until } from './cli-helpers.js';
import { findPythons } from './pythons.js';

/** The user `nobody`, on every Linux. */
const NOBODY = 65534;
const AS_NOBODY = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
const isRoot = process.getuid?.() === 0;
const asNobody = (...command: string[]) => spawnSync('setpriv', [...AS_NOBODY, ...command]).status === 0;
/** A Python that another user can start: those of a home folder are closed to others. */
const openPython = isRoot
  ? (await findPythons()).find(({ path }) => asNobody(path, '-c', 'import ctypes'))?.path
  : undefined;
const hasNobody = openPython !== undefined && asNobody(process.execPath, CLI, '--version');
if (!hasNobody) {
  console.log('skipped: austin doctor as another user. Run as root, with setpriv, from folders open to all.');
}

interface Check {
  readonly name: string;
  readonly status: string;
  readonly text: string;
  readonly remedies?: string[];
}

interface Answer {
  readonly canProfile: boolean;
  readonly machine: Check[];
  readonly process?: { pid: number; checks: Check[] };
  readonly selfTest?: {
    skipped?: string;
    python: string;
    rates: Record<string, number>[];
  };
}

/** Asks without a self-test, for JSON, and holds the exit code against the answer. */
async function doctor(...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await austin(['doctor', '--json', '--no-self-test', ...args]);
  expect(stderr).toBe('');
  const answer = JSON.parse(stdout.toString()) as Answer;
  expect(code).toBe(answer.canProfile ? 0 : 1);
  return answer;
}

function checkOf(answer: Answer, name: string): Check | undefined {
  return answer.process?.checks.find((check) => check.name === name);
}

/** A program that does not end, once it has said a line. */
async function startSaying(program: string, args: string[]): Promise<{ pid: number; said: string }> {
  const { child, pid } = start(program, args);
  let said = '';
  child.stdout?.on('data', (text: Buffer) => {
    said += text;
  });
  await until(() => said.includes('\n'));
  return { pid, said: said.trim() };
}

function startPython(code: string): Promise<{ pid: number; said: string }> {
  return startSaying(PYTHON, [
    '-c',
    `import os, time\n${code}\nprint(os.getpid(), flush=True)\ntime.sleep(60)`,
  ]);
}

describe('austin doctor', () => {
  it('looks at this machine, and tests itself', async () => {
    const { code, stdout, stderr } = await austin(['doctor', '--json', '--python', PYTHON]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { canProfile, machine, process: none, selfTest } = JSON.parse(stdout.toString()) as Answer;
    expect({ canProfile, none, skipped: selfTest?.skipped }).toEqual({ canProfile: true });
    expect(machine.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Yama', 'sampler', 'start', 'attach']),
    );
    expect(machine.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(selfTest?.rates.map(({ askedHz }) => askedHz)).toEqual([1000, 10_000]);
    for (const rate of selfTest!.rates) {
      expect(rate.samples).toBeGreaterThan(0);
      expect(rate.gotHz).toBeGreaterThan(0);
      expect(rate.gotHz).toBeLessThanOrEqual(rate.askedHz! * 1.01);
      expect(rate.impossible).toBe(0);
      expect(rate).toHaveProperty('cpuShare.thread', expect.any(Number));
      expect(rate).toHaveProperty('slowdown.cpu.median', expect.any(Number));
    }
  });

  it('is readable', async () => {
    const { code, stdout } = await austin(['doctor', '--no-self-test']);
    expect(code).toBe(0);
    const text = stdout.toString();
    expect(text).toMatch(/^This machine\n {2}ok {6}system/);
    expect(text).toContain('\nPythons on PATH\n');
    expect(text).toMatch(/\nProfiling works here: .*\n$/);
  });

  it('leaves the self-test out where it has no Python for it', async () => {
    const { code, stdout } = await austin(['doctor', '--python', '/bin/true']);
    expect(code).toBe(0);
    expect(stdout.toString()).toContain('left out: /bin/true is no Python that starts');
  });

  it('finds a Python that can be profiled', async () => {
    const { pid } = await startPython('');
    const answer = await doctor(`${pid}`);
    expect(answer).toMatchObject({ canProfile: true, process: { pid } });
    expect(checkOf(answer, 'memory')?.status).toBe('ok');
    expect(checkOf(answer, 'Python')?.text).toMatch(/^3\.\d+\.\d+.*python/);
    expect(checkOf(answer, 'threads')?.text).toBe('1 of Python, of 1 in the process');
    expect(checkOf(answer, 'children')).toBeUndefined();
  });

  it('tells of children that are Python, too', async () => {
    const { pid, said } = await startSaying(PYTHON, [
      '-c',
      'import subprocess, sys; subprocess.run([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"])',
    ]);
    const answer = await doctor(`${pid}`);
    expect(checkOf(answer, 'children')).toMatchObject({
      status: 'note',
      text: expect.stringContaining(`1 below it are Python, too: ${said}`),
      remedies: [expect.stringContaining(`austin record -C -p ${pid}`)],
    });
    process.kill(Number(said), 'SIGKILL');
  });

  it('finds the Python below a shell', async () => {
    const { pid, said } = await startSaying('sh', [
      '-c',
      `'${PYTHON}' -c 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'; true`,
    ]);
    const answer = await doctor(`${pid}`);
    expect(answer.canProfile).toBe(true);
    expect(checkOf(answer, 'Python')?.text).toContain(`it runs in process ${said}, below this one`);
    process.kill(Number(said), 'SIGKILL');
  });

  it('knows what is not Python', async () => {
    const { pid } = start('sleep', ['60']);
    const answer = await doctor(`${pid}`);
    expect(answer.canProfile).toBe(false);
    expect(checkOf(answer, 'Python')).toMatchObject({
      status: 'problem',
      text: 'there is no CPython in it, nor below it',
      remedies: expect.arrayContaining([expect.stringContaining('pgrep')]),
    });
  });

  it('knows what is gone', async () => {
    const answer = await doctor(`${NO_PID}`);
    expect(checkOf(answer, 'process')).toMatchObject({
      status: 'problem',
      text: `there is no process ${NO_PID}`,
    });
  });

  it('knows a process that has ended and was not collected', async () => {
    // The shell becomes a program that does not wait for its children.
    const { pid, said } = await startSaying('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60']);
    await until(() => /\nState:\tZ/.test(readFileSync(`/proc/${said}/status`, 'utf8')));
    const answer = await doctor(said);
    expect(checkOf(answer, 'process')).toMatchObject({
      status: 'problem',
      text: `process ${said} has ended; its parent ${pid} (sleep) has not collected it`,
    });
  });

  it('knows a thread from a process', async () => {
    const { pid, said } = await startPython(
      'import threading\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint(max(map(int, os.listdir("/proc/self/task"))), end=" ")',
    );
    const [tid] = said.split(' ');
    const answer = await doctor(tid!);
    expect(checkOf(answer, 'process')?.text).toBe(`${tid} is a thread of process ${pid}`);
  });

  it('refuses what is no pid', async () => {
    expect((await austin(['doctor', 'python'])).code).toBe(2);
  });
});

describe.runIf(hasNobody)('austin doctor as another user', () => {
  async function doctorAsNobody(pid: number): Promise<Answer & { code: number | null }> {
    const args = [process.execPath, CLI, 'doctor', '--json', '--no-self-test', `${pid}`];
    const { code, stdout } = await start('setpriv', [...AS_NOBODY, ...args]).finished;
    return { code, ...(JSON.parse(stdout.toString()) as Answer) };
  }

  it('cannot read a process of root, and says what to type', async () => {
    const { pid } = await startPython('');
    const answer = await doctorAsNobody(pid);
    expect(answer).toMatchObject({ code: 1, canProfile: false });
    const memory = checkOf(answer, 'memory');
    expect(memory).toMatchObject({ status: 'problem', text: expect.stringContaining('it belongs to root') });
    // The remedy is a whole command: we are root, and type it as root would be typing it.
    const command = /`(?:sudo |su -c ')(.*? where \d+)'?`/.exec(memory?.remedies?.[0] ?? '')?.[1];
    const { status, stdout } = spawnSync('sh', ['-c', command ?? 'false'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('<module>') });
    const others = answer.machine.find(({ name }) => name === 'others');
    expect(others?.text).toContain('need root');
  });

  it('can read its own', async () => {
    const python = start('setpriv', [...AS_NOBODY, openPython!, '-c', 'import time; time.sleep(60)']);
    await until(() => readFileSync(`/proc/${python.pid}/cmdline`, 'utf8').includes('import time'));
    const answer = await doctorAsNobody(python.pid);
    expect(checkOf(answer, 'owner')?.text).toContain('as you are');
    const attach = answer.machine.find(({ name }) => name === 'attach');
    // Yama decides it on some machines; then it decides it for this one, too.
    expect(checkOf(answer, 'memory')?.status).toBe(attach?.status === 'ok' ? 'ok' : 'problem');
  });

  it('cannot read one that protects its memory', async () => {
    const protect = 'import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)'; // PR_SET_DUMPABLE
    const code = `${protect}; print("x", flush=True); import time; time.sleep(60)`;
    const { pid } = await startSaying('setpriv', [...AS_NOBODY, openPython!, '-c', code]);
    const answer = await doctorAsNobody(pid);
    expect(answer).toMatchObject({ code: 1, canProfile: false });
    expect(checkOf(answer, 'memory')?.text).toContain('it protects its memory');
  });
});

/** A program that forbids process_vm_readv to itself and what it becomes, and then becomes another. */
const WITH_FILTER = `
import ctypes, os, struct, sys
# Load the number of the system call; 310 (process_vm_readv on x86-64) fails with the error given, others go on.
program = b"".join(struct.pack("HBBI", *each) for each in [
    (0x20, 0, 0, 0), (0x15, 0, 1, 310), (0x06, 0, 0, 0x00050000 | int(sys.argv[1])), (0x06, 0, 0, 0x7FFF0000)])
buffer = ctypes.create_string_buffer(program, len(program))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer)))
prctl = ctypes.CDLL(None, use_errno=True).prctl
assert prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
assert prctl(22, 2, filter, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
os.execv(sys.argv[2], sys.argv[2:])
`;

describe.runIf(process.arch === 'x64')('austin doctor under a seccomp filter', () => {
  it.each([
    [
      'ENOSYS',
      constants.errno.ENOSYS,
      /^cannot be read \(tried\): a seccomp filter forbids process_vm_readv$/,
    ],
    ['EPERM', constants.errno.EPERM, /^cannot be read \(tried\): .*seccomp filter|without the capability/],
  ])('that answers with %s knows it', async (_, errno, expected) => {
    const { pid } = await startPython('');
    const command = [process.execPath, CLI, 'doctor', '--json', '--no-self-test', `${pid}`];
    const { code, stdout } = await start(PYTHON, ['-c', WITH_FILTER, `${errno}`, ...command]).finished;
    const answer = JSON.parse(stdout.toString()) as Answer;
    expect({ code, canProfile: answer.canProfile }).toEqual({ code: 1, canProfile: false });
    expect(checkOf(answer, 'memory')?.text).toMatch(expected);
    const starting = answer.machine.find(({ name }) => name === 'start');
    expect(starting).toMatchObject({
      status: 'problem',
      text: expect.stringContaining('not even what we start'),
    });
  });
});

const canDrop =
  isRoot &&
  spawnSync('setpriv', ['--bounding-set', '-sys_ptrace', '--inh-caps', '-sys_ptrace', 'true']).status === 0;
if (!canDrop)
  console.log('skipped: austin doctor as root without CAP_SYS_PTRACE. Run as root, with setpriv.');

describe.runIf(canDrop)('austin doctor as root without CAP_SYS_PTRACE', () => {
  it('says that root is not enough', async () => {
    const { pid } = await startPython('');
    const command = [process.execPath, CLI, 'doctor', '--json', '--no-self-test', `${pid}`];
    const drop = ['--bounding-set', '-sys_ptrace', '--inh-caps', '-sys_ptrace'];
    const { code, stdout } = await start('setpriv', [...drop, ...command]).finished;
    const answer = JSON.parse(stdout.toString()) as Answer;
    expect(code).toBe(1);
    expect(checkOf(answer, 'memory')?.text).toMatch(/you are root.*without the capability CAP_SYS_PTRACE/);
    // What it starts has no more rights than itself.
    expect(answer.machine.find(({ name }) => name === 'start')?.status).toBe('ok');
  });
});

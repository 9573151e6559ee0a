import { describe, expect, it } from 'vitest';
import { metadataValue, type ThreadId } from '../packages/profile/dist/index.js';
import { findPythons, type Python } from './pythons.js';
import { framesOf, type Recorded, startProgram, startRecordingFile } from './record-helpers.js';

const pythons = await findPythons();
const oldest = pythons[0]!;
const newest = pythons.at(-1)!;
const chosen = pythons.filter(({ version }) => [8, 12, 15].includes(version.minor));
if (chosen.length < 3)
  console.log('skipped: trees of processes of a Python 3.8, 3.12 or 3.15 that is not here');

/** What a process that works says of itself. */
interface Worker {
  readonly pid: number;
  readonly version: string;
}

interface Tree {
  readonly root: number;
  readonly workers: readonly Worker[];
  readonly recorded: Recorded;
  /** Samples in `function` of each process. */
  samplesIn(name: string): Map<number, number>;
  /** What the recording says of a process; the last that it was. */
  process(pid: number): Record<string, unknown>;
}

const version = ({ version: { major, minor, micro } }: Python) => `${major}.${minor}.${micro}`;

/** Records `children.py` to the end of the last process. */
async function recordTree(
  python: Python,
  args: readonly string[],
  options: Parameters<typeof startRecordingFile>[1] = {},
): Promise<Tree> {
  const program = startProgram(python.path, ['-S', 'children.py', ...args]);
  const recording = startRecordingFile(program.pid, { children: true, ...options });
  const workers: Worker[] = [];
  for (let line = await program.line(); line !== undefined; line = await program.line()) {
    workers.push(JSON.parse(line) as Worker);
  }
  const recorded = await recording.finished;
  const { profile } = recorded;
  return {
    root: program.pid,
    workers,
    recorded,
    samplesIn(name) {
      const counts = new Map<number, number>();
      for (let i = 0; i < profile.samples.length; i++) {
        if (!framesOf(profile, profile.samples.stack[i]!).some((frame) => frame.name === name)) continue;
        const { pid } = profile.tables.thread(profile.samples.thread[i]! as ThreadId);
        counts.set(pid, (counts.get(pid) ?? 0) + 1);
      }
      return counts;
    },
    process: (pid) =>
      JSON.parse(metadataValue(profile, `x-process:${pid}`) ?? '{}') as Record<string, unknown>,
  };
}

/** Every worker has samples at its work, and is described. */
function expectAllWorkers(tree: Tree): void {
  const { workers, recorded } = tree;
  const samples = tree.samplesIn('job');
  expect(workers.filter(({ pid }) => !samples.has(pid))).toEqual([]);
  for (const worker of workers) expect(tree.process(worker.pid).python).toBe(worker.version);
  expect(recorded.result).toMatchObject({ end: 'target-ended' });
  expect(recorded.result.error).toBeUndefined();
  expect(recorded.profile.diagnostics).toEqual([]);
  expect(metadataValue(recorded.profile, 'multiprocess')).toBe('on');
}

it('none of two hundred processes of 50 ms is missed', async () => {
  const tree = await recordTree(chosen[0] ?? oldest, ['short', '200']);
  expect(tree.workers).toHaveLength(200);
  expectAllWorkers(tree);
  expect(tree.recorded.result.statistics.processes).toBe(201);
}, 120_000);

it('a Python of another version below a shell is found', async () => {
  const tree = await recordTree(newest, ['shell', oldest.path]);
  expect(tree.workers.map((worker) => worker.version)).toEqual([version(oldest)]);
  expectAllWorkers(tree);
  // The file says which Python it began with.
  expect(metadataValue(tree.recorded.profile, 'python')).toBe(version(newest));
  expect(tree.process(tree.root).parent).toBe(process.pid);
  expect(tree.recorded.result.target?.pid).toBe(tree.root);
});

describe.each(chosen)('Python 3.$version.minor', (python) => {
  it.each(['fork', 'spawn', 'forkserver'])('a pool of processes by %s', async (method) => {
    const tree = await recordTree(python, ['pool', method]);
    expect(new Set(tree.workers.map(({ pid }) => pid)).size).toBe(2);
    expectAllWorkers(tree);
    // No thread is said to run in two processes.
    const { tables } = tree.recorded.profile;
    const tids = Array.from({ length: tables.threadCount }, (_, id) => tables.thread(id as ThreadId).tid);
    expect(tids).toHaveLength(new Set(tids).size);
  });

  it('a process that becomes a shell and then another Python', async () => {
    const other = python === newest ? oldest : newest;
    const tree = await recordTree(python, ['exec', other.path]);
    expect(tree.workers).toEqual([
      { pid: tree.root, version: version(python) },
      { pid: tree.root, version: version(other) },
    ]);
    for (const name of ['become', 'job']) expect(tree.samplesIn(name).get(tree.root)).toBeGreaterThan(0);
    expect(tree.process(tree.root).python).toBe(version(other));
    expect(tree.recorded.result.statistics.processes).toBe(1);
  });

  it('a process that outlives those that started it', async () => {
    const tree = await recordTree(python, ['orphan']);
    expect(tree.workers).toHaveLength(1);
    expectAllWorkers(tree);
    // Most of its time it was an orphan, and sampled.
    expect(tree.samplesIn('job').get(tree.workers[0]!.pid)).toBeGreaterThan(100);
  });
});

it('a process that is killed does not end the recording of the others', async () => {
  const tree = await recordTree(newest, ['killed']);
  expect(tree.workers).toHaveLength(2);
  expectAllWorkers(tree);
});

it('without children only the first Python is sampled', async () => {
  const tree = await recordTree(newest, ['shell', oldest.path], { children: false });
  expect([...tree.samplesIn('job').keys()]).toEqual([]);
  expect(tree.samplesIn('shell').get(tree.root)).toBeGreaterThan(0);
  expect(tree.recorded.result.statistics.processes).toBe(1);
});

it.each(['cpu', 'memory', 'full'] as const)('children in %s mode', async (mode) => {
  const tree = await recordTree(newest, ['short', '4'], { mode, gc: true });
  const { profile, result } = tree.recorded;
  expect(profile.mode).toBe(mode);
  expect(profile.diagnostics).toEqual([]);
  expect(result.statistics.processes).toBe(5);
  const sampled = new Set(
    Array.from(profile.samples.thread, (thread) => profile.tables.thread(thread as ThreadId).pid),
  );
  // A process grows while it starts.
  if (mode !== 'cpu') for (const { pid } of tree.workers) expect(sampled).toContain(pid);
});

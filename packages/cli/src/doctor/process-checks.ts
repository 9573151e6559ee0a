import { constants } from 'node:os';
import { type AustinError, isAustinError } from '@austin-profiler/profile';
import type { Snapshot } from '@austin-profiler/sampler';
import { printable } from '../output/printable.js';
import { shellWords } from '../output/shell-words.js';
import { austinAsRoot, type Invocation } from './as-root.js';
import { type Check, note, ok, problem } from './check.js';
import { isAllowed } from './machine-checks.js';
import { type ProcessFacts, type RunningProcess, readProcess } from './process-facts.js';
import { explainRefusal } from './refusal.js';
import type { System } from './system.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** What stands in the way of profiling one process, and what it is. */
export async function processChecks(
  sampler: Sampler,
  pid: number,
  system: System,
  invocation: Invocation,
): Promise<Check[]> {
  const facts = readProcess(pid);
  if (facts.state !== 'running') return [absent(pid, facts, invocation)];
  const checks = [identity(facts), owner(facts, system), ...namespaces(facts, system)];
  const { readErrno, ...access } = sampler.probeMemory(pid);
  if (readErrno === constants.errno.ESRCH)
    return [...checks, problem('memory', 'the process has just ended')];
  if (!isAllowed({ readErrno, ...access })) {
    const { cause, remedies } = explainRefusal({ errno: readErrno, system, invocation, target: facts });
    return [...checks, problem('memory', `cannot be read (tried): ${cause}`, remedies)];
  }
  return [
    ...checks,
    ok('memory', 'can be read (tried)'),
    ...(await pythonChecks(sampler, facts)),
    ...(await childrenChecks(sampler, pid)),
  ];
}

function absent(pid: number, facts: Exclude<ProcessFacts, RunningProcess>, invocation: Invocation): Check {
  switch (facts.state) {
    case 'gone':
      return problem('process', `there is no process ${pid}`, [
        'look for it with `pgrep -af python`; a process in a container has another pid outside',
      ]);
    case 'hidden':
      return problem(
        'process',
        `process ${pid} belongs to somebody else, and /proc hides it from you (hidepid)`,
        [`run it as root: \`${austinAsRoot(invocation, ['doctor', String(pid)])}\``],
      );
    case 'thread':
      return problem('process', `${pid} is a thread of process ${facts.processPid}`, [
        `\`austin doctor ${facts.processPid}\``,
      ]);
    case 'zombie':
      return problem(
        'process',
        `process ${pid} has ended; ${parentText(facts.parentPid, facts.parentName)} has not collected it`,
        ['nothing of it is left to profile; start the program with `austin record -- COMMAND`'],
      );
    case 'kernel':
      return problem('process', `${pid} is a thread of the kernel (${printable(facts.name)})`);
  }
}

function parentText(pid: number, name: string | undefined): string {
  return name === undefined ? `its parent ${pid}` : `its parent ${pid} (${printable(name)})`;
}

function identity({ name, command, program, isDeleted }: RunningProcess): Check {
  const text = command ? shellWords(command) : printable(name);
  if (!isDeleted) return ok('process', text);
  return note(
    'process',
    `${text}; its program ${printable(program ?? '')} was removed or replaced since, and is read from memory`,
  );
}

function owner({ uid, user }: RunningProcess, system: System): Check {
  const who = `${user ?? 'nameless'}, uid ${uid}`;
  return ok(
    'owner',
    uid === system.uid
      ? `${who}, as you are`
      : `${who}; you are ${system.user ?? 'nameless'}, uid ${system.uid}`,
  );
}

function namespaces({ namespaces: theirs, innerPid, pid }: RunningProcess, system: System): Check[] {
  const names = (['user', 'pid', 'mnt'] as const).filter(
    (name) => theirs[name] !== undefined && theirs[name] !== system.namespaces[name],
  );
  if (names.length === 0) return [];
  const inside = innerPid === pid ? '' : `; its pid in there is ${innerPid}`;
  return [ok('namespaces', `it has its own: ${names.join(', ')}${inside}`)];
}

async function pythonChecks(sampler: Sampler, facts: RunningProcess): Promise<Check[]> {
  const { pid, threads } = facts;
  try {
    const snapshot = await sampler.takeSnapshot(pid);
    return [pythonCheck(snapshot, pid), threadCheck(snapshot, pid, threads)];
  } catch (error) {
    if (!isAustinError(error)) throw error;
    return [
      error.code === 'ERR_NOT_PYTHON' ? notPython(facts) : problem('Python', error.message, hintOf(error)),
    ];
  }
}

function notPython({ pid, name, program }: RunningProcess): Check {
  const other = /pypy|graalpy/i.exec(`${program ?? ''} ${name}`)?.[0];
  if (other !== undefined) return problem('Python', `it is ${other}; only CPython can be read`);
  return problem('Python', 'there is no CPython in it, nor below it', [
    'look for the right process with `pgrep -af python`',
    `or, if it is about to start one, wait for that: \`austin record -t 20s -p ${pid}\``,
  ]);
}

function hintOf({ hint }: AustinError): string[] {
  return hint === undefined ? [] : [hint];
}

function pythonCheck({ target }: Snapshot, pid: number): Check {
  const where = target.pid === pid ? '' : `; it runs in process ${target.pid}, below this one`;
  const kind = target.freeThreaded ? ', free-threaded' : '';
  return ok('Python', `${printable(target.pythonVersion)}${kind}, ${printable(target.executable)}${where}`);
}

function threadCheck({ target, threads }: Snapshot, pid: number, all: number | undefined): Check {
  const unread = threads.filter(({ quality }) => quality === 'invalid').length;
  const of = target.pid === pid && all !== undefined ? `, of ${all} in the process` : '';
  const text = `${threads.length} of Python${of}`;
  return unread === 0
    ? ok('threads', text)
    : note('threads', `${text}; ${unread} could not be read just now`);
}

async function childrenChecks(sampler: Sampler, pid: number): Promise<Check[]> {
  const processes = await sampler.takeSnapshot(pid, { timeoutMs: 0, children: true }).then(
    (tree) => tree.processes,
    () => [], // nothing of Python in it, which another check says
  );
  const found = processes.map(({ target }) => target.pid).filter((found) => found !== pid);
  if (found.length === 0) return [];
  return [
    note('children', `${found.length} below it are Python, too: ${found.join(', ')}`, [
      `\`austin record -C -p ${pid}\` records them all`,
    ]),
  ];
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MemoryAccess } from '@austin-profiler/sampler';
import type { Invocation } from './as-root.js';
import { CAPABILITIES, type CapabilityName, hasCapability } from './capabilities.js';
import { type Check, note, ok, problem } from './check.js';
import { explainRefusal } from './refusal.js';
import type { System } from './system.js';
import { withUnrelatedProcess } from './unrelated-process.js';

type Sampler = typeof import('@austin-profiler/sampler');

const FEW_FILES = 64;
const SLOW_CLOCK_NS = 200;

/** What the settings of this machine say. */
export function settingChecks(system: System): Check[] {
  return [
    systemCheck(system),
    userCheck(system),
    yamaCheck(system),
    seccompCheck(system),
    namespaceCheck(system),
    ...filesCheck(system),
  ];
}

/** What this machine really does when it is asked to. Throws what the addon throws when it cannot be loaded. */
export async function tryOut(sampler: Sampler, system: System, invocation: Invocation): Promise<Check[]> {
  const grants = sampler.probeThread();
  return [
    ok('sampler', 'the native sampler is loaded'),
    grants.realtime
      ? ok('real time', 'granted: samples are taken on time on a busy machine, too')
      : note('real time', 'refused: on a busy machine samples will be late, which is counted', [
          'run as root, or allow it to your user: a line `USER - rtprio 1` in /etc/security/limits.conf',
        ]),
    clockCheck(system, grants.clockReadNs),
    await childCheck(sampler, system, invocation),
    await ownProcessCheck(sampler, system, invocation),
    othersCheck(system),
  ];
}

function systemCheck(system: System): Check {
  const { platform, architecture, kernel, libc, node } = system;
  const text = `${platform} ${kernel} on ${architecture}, ${libc}; Node ${node}`;
  return platform === 'linux' && architecture === 'x64'
    ? ok('system', text)
    : problem('system', `${text}: the sampler needs Linux on x86-64`, ['`austin convert` works here']);
}

function userCheck({ uid, user, effective }: System): Check {
  const who = `${user ?? 'nameless'}, uid ${uid}`;
  const held = (Object.keys(CAPABILITIES) as CapabilityName[]).filter((name) =>
    hasCapability(effective, name),
  );
  return ok(
    'user',
    held.length === 0 ? `${who}, without special capabilities` : `${who}, with ${held.join(', ')}`,
  );
}

function yamaCheck({ yamaScope }: System): Check {
  switch (yamaScope) {
    case undefined:
      return ok('Yama', 'not in this kernel: it restricts nothing');
    case 0:
      return ok('Yama', 'kernel.yama.ptrace_scope is 0: it restricts nothing');
    case 1:
      return note('Yama', 'kernel.yama.ptrace_scope is 1: who is not root may read only what it has started');
    case 2:
      return note('Yama', 'kernel.yama.ptrace_scope is 2: only root may read processes');
    default:
      return note('Yama', `kernel.yama.ptrace_scope is ${yamaScope}: nobody may read processes`);
  }
}

function seccompCheck({ seccompMode }: System): Check {
  if (seccompMode === undefined) return ok('seccomp', 'the kernel does not tell');
  if (seccompMode === 0) return ok('seccomp', 'no filter');
  return ok('seccomp', 'a filter is active; the tests below show whether it is in the way');
}

function namespaceCheck({ container, isInitialUserNamespace, namespaces }: System): Check {
  const ids = isInitialUserNamespace || namespaces.user === undefined ? '' : ', with users of its own';
  if (container === undefined) return ok('container', `no sign of one${ids}`);
  const kind = container === 'unknown' ? 'of a kind we do not know' : container;
  return note('container', `there is one, ${kind}${ids}: only processes inside can be seen`);
}

function filesCheck({ openFiles }: System): Check[] {
  if (openFiles === undefined || openFiles >= FEW_FILES) return [];
  return [note('open files', `only ${openFiles} are allowed`, ['raise the limit: `ulimit -n 1024`'])];
}

function clockCheck({ clockSource, timerSlackNs }: System, readNs: number): Check {
  const slack =
    timerSlackNs === undefined ? '' : `; timer slack ${timerSlackNs / 1000} µs, 1 ns for the sampler`;
  const text = `${clockSource ?? 'unknown source'}, ${Math.round(readNs)} ns a look${slack}`;
  return readNs > SLOW_CLOCK_NS
    ? note('clock', `${text}: it is slow, and so will sampling be`)
    : ok('clock', text);
}

async function childCheck(sampler: Sampler, system: System, invocation: Invocation): Promise<Check> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    await once(child, 'spawn');
    const access = sampler.probeMemory(child.pid ?? 0);
    if (isAllowed(access))
      return ok('start', 'programs started by `austin record -- COMMAND` can be read (tried)');
    const { cause, remedies } = explainRefusal({
      errno: access.readErrno,
      system,
      invocation,
      isChild: true,
    });
    return problem('start', `not even what we start can be read (tried): ${cause}`, remedies);
  } finally {
    child.kill('SIGKILL');
  }
}

async function ownProcessCheck(sampler: Sampler, system: System, invocation: Invocation): Promise<Check> {
  const access = await withUnrelatedProcess((pid) => sampler.probeMemory(pid));
  if (isAllowed(access)) return ok('attach', 'processes of your user that run already can be read (tried)');
  const { cause, remedies } = explainRefusal({ errno: access.readErrno, system, invocation });
  return note('attach', `processes of your user that run already cannot be read (tried): ${cause}`, remedies);
}

function othersCheck({ effective }: System): Check {
  return hasCapability(effective, 'CAP_SYS_PTRACE')
    ? ok('others', 'CAP_SYS_PTRACE lets you read those of other users, too')
    : ok('others', 'those of other users need root, or CAP_SYS_PTRACE');
}

export function isAllowed({ readErrno }: MemoryAccess): boolean {
  return readErrno === 0;
}

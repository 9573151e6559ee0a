import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from './capabilities.js';
import type { RunningProcess } from './process-facts.js';
import { explainRefusal, type RefusalCase } from './refusal.js';
import { readSystem, type System } from './system.js';

const PTRACE = 1n << BigInt(CAPABILITIES.CAP_SYS_PTRACE);
const ALL = (1n << 41n) - 1n;
const HOST = { user: 'user:[4026531837]', pid: 'pid:[4026531836]', mnt: 'mnt:[1]' };

/** Alice, on a machine that restricts nothing by itself. */
const ALICE: System = {
  ...readSystem(),
  uid: 1000,
  user: 'alice',
  effective: 0n,
  bounding: ALL,
  yamaScope: undefined,
  seccompMode: 0,
  securityModules: ['capability', 'yama'],
  namespaces: HOST,
  isInitialUserNamespace: true,
  container: undefined,
};
const ROOT: System = { ...ALICE, uid: 0, user: 'root', effective: ALL };

/** A process of Alice. */
const HERS: RunningProcess = {
  state: 'running',
  pid: 42,
  name: 'python3',
  command: ['python3', 'app.py'],
  uid: 1000,
  user: 'alice',
  isOneUser: true,
  isProtected: false,
  permitted: 0n,
  namespaces: HOST,
  innerPid: 42,
  threads: 1,
  program: '/usr/bin/python3',
  isDeleted: false,
};

function explain(system: System, target?: RunningProcess, more: Partial<RefusalCase> = {}) {
  const { cause, remedies } = explainRefusal({
    errno: constants.errno.EPERM,
    system,
    invocation: { self: ['austin'], hasSudo: true },
    ...(target && { target }),
    ...more,
  });
  return { cause, remedies: remedies.join('\n') };
}

describe('a refusal', () => {
  it('of a process of another user needs root, or that user', () => {
    const { cause, remedies } = explain(ALICE, { ...HERS, uid: 33, user: 'www-data' });
    expect(cause).toBe('it belongs to www-data');
    expect(remedies).toBe('run it as root: `sudo austin where 42`\nor run `austin` as www-data');
    expect(explain(ALICE, { ...HERS, uid: 0, user: 'root' }).remedies).not.toContain('as root\n');
  });

  it.each([
    ['changed its user', { isOneUser: false }],
    ['capabilities that you do not have', { permitted: PTRACE }],
    ['protects its memory', { isProtected: true }],
  ])('of a process that %s needs root', (cause, facts) => {
    // Yama would say the same, but later.
    const said = explain({ ...ALICE, yamaScope: 1 }, { ...HERS, ...facts });
    expect(said.cause).toContain(cause);
    expect(said.remedies).toBe('run it as root: `sudo austin where 42`');
  });

  it('by Yama is lifted by root, or avoided by starting the program', () => {
    const { cause, remedies } = explain({ ...ALICE, yamaScope: 1 }, HERS);
    expect(cause).toContain('ptrace_scope is 1');
    expect(remedies).toContain('`sudo austin where 42`');
    expect(remedies).toContain('`sudo sysctl kernel.yama.ptrace_scope=0`');
    expect(remedies).toContain('`austin record -- COMMAND`');
  });

  it('by a stricter Yama cannot be avoided', () => {
    const { cause, remedies } = explain({ ...ALICE, yamaScope: 2 }, HERS);
    expect(cause).toContain('ptrace_scope is 2');
    expect(remedies).toContain('sudo sysctl');
    expect(remedies).not.toContain('record --');
    for (const system of [ALICE, ROOT]) {
      expect(explain({ ...system, yamaScope: 3 }, HERS).cause).toContain('ptrace_scope is 3');
    }
  });

  it('without sudo names what there is', () => {
    const said = explain({ ...ALICE, yamaScope: 1 }, HERS, {
      invocation: { self: ['/opt/node', '/opt/it is/cli.js'], hasSudo: false },
    });
    expect(said.remedies).toContain(`su -c '/opt/node '\\''/opt/it is/cli.js'\\'' where 42'`);
    expect(said.remedies).toContain(`su -c 'sysctl kernel.yama.ptrace_scope=0'`);
  });

  it('of root in a container needs the capability', () => {
    const inDocker: System = { ...ROOT, effective: 0n, bounding: 0n, container: 'docker' };
    const { cause, remedies } = explain(inDocker, { ...HERS, uid: 0 });
    expect(cause).toBe('you are root of a container, without the capability CAP_SYS_PTRACE');
    expect(remedies).toContain('docker run --cap-add SYS_PTRACE');
    expect(explain({ ...inDocker, container: 'kubernetes' }).remedies).toContain('securityContext');
    expect(explain({ ...inDocker, container: undefined }).remedies).toContain('capsh');
  });

  it('of another in a container is not changed by its root', () => {
    const inDocker: System = { ...ALICE, bounding: 0n, container: 'docker', yamaScope: 1 };
    const { cause, remedies } = explain(inDocker, HERS);
    expect(cause).toContain('not even root of this container');
    expect(remedies).not.toContain('sudo');
    expect(remedies).toContain('--cap-add SYS_PTRACE');
  });

  it('of a process outside of our user namespace needs root outside', () => {
    const inside: System = {
      ...ROOT,
      isInitialUserNamespace: false,
      namespaces: { ...HOST, user: 'user:[4026532000]' },
    };
    expect(explain(inside, { ...HERS, namespaces: { ...HOST, user: undefined } }).cause).toContain(
      'in a user namespace only',
    );
  });

  it('of the all-powerful names the security modules', () => {
    const { cause, remedies } = explain({ ...ROOT, securityModules: ['capability', 'selinux'] }, HERS);
    expect(cause).toContain('(selinux)');
    expect(remedies).toContain('deny_ptrace');
    expect(explain({ ...ROOT, securityModules: ['apparmor'] }, HERS).remedies).toContain('apparmor');
    expect(explain(ROOT, HERS).remedies).toContain('ask who administers');
  });

  it('without a visible reason is somebody’s policy', () => {
    expect(explain(ALICE, HERS).cause).toBe('your user may read it: a security module forbids it');
  });

  it('of what we have started is not Yama’s', () => {
    const system: System = { ...ALICE, yamaScope: 1, seccompMode: 2, container: 'podman' };
    const { cause, remedies } = explain(system, undefined, { isChild: true });
    expect(cause).toContain('the seccomp filter that is active');
    expect(remedies).toContain('podman run');
  });

  it('of the system call itself is a filter or the kernel', () => {
    const more = { errno: constants.errno.ENOSYS };
    const filtered = explain({ ...ROOT, seccompMode: 2, container: 'docker' }, HERS, more);
    expect(filtered.cause).toContain('seccomp');
    expect(filtered.remedies).toContain('docker run');
    expect(explain(ROOT, HERS, more).remedies).toContain('CONFIG_CROSS_MEMORY_ATTACH');
  });
});

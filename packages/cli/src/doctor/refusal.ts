import { constants } from 'node:os';
import { asRoot, austinAsRoot, type Invocation } from './as-root.js';
import { hasCapability, includesAll } from './capabilities.js';
import { CONTAINER_REMEDIES } from './container.js';
import type { RunningProcess } from './process-facts.js';
import type { System } from './system.js';

/** Why the operating system does not let us read a process, and what changes that. */
export interface Refusal {
  readonly cause: string;
  readonly remedies: readonly string[];
}

export interface RefusalCase {
  /** What `process_vm_readv` answered. */
  readonly errno: number;
  readonly system: System;
  readonly invocation: Invocation;
  /** The process; without one, any other of our own user that we have not started. */
  readonly target?: RunningProcess;
  /** Whether we have started it, which Yama allows. */
  readonly isChild?: boolean;
}

const LIFT_YAMA = 'sysctl kernel.yama.ptrace_scope=0';

/**
 * Follows the kernel's own checks (`__ptrace_may_access`, Yama, seccomp) in their order, so that the first that
 * applies is the one that said no.
 */
export function explainRefusal(given: RefusalCase): Refusal {
  const { errno, system, target } = given;
  if (errno === constants.errno.ENOSYS) return withoutSystemCall(system);
  if (hasCapability(system.effective, 'CAP_SYS_PTRACE')) return despiteCapability(system, target);
  if (system.uid === 0) return withoutCapability(system);
  if (target !== undefined && target.uid !== system.uid) {
    const owner = target.user ?? `uid ${target.uid}`;
    const asOwner = target.uid === 0 ? [] : [`or run \`austin\` as ${owner}`];
    return needsRoot(given, `it belongs to ${owner}`, asOwner);
  }
  if (target !== undefined && !target.isOneUser) return needsRoot(given, 'it has changed its user or group');
  if (target !== undefined && !includesAll(system.effective, target.permitted)) {
    return needsRoot(given, 'it has capabilities that you do not have');
  }
  if (target?.isProtected) return needsRoot(given, 'it protects its memory (it may not be dumped)');
  const liftYama = `or lift that for every program until the next boot: \`${asRoot(given.invocation, LIFT_YAMA)}\``;
  if (system.yamaScope === 1 && !given.isChild) {
    return needsRoot(
      given,
      'Yama lets a process read only what it has started (kernel.yama.ptrace_scope is 1)',
      [liftYama, 'or start the program with `austin record -- COMMAND`, which needs no permission'],
    );
  }
  if (system.yamaScope === 2) {
    return needsRoot(given, 'Yama lets only root read processes (kernel.yama.ptrace_scope is 2)', [liftYama]);
  }
  if (system.yamaScope === 3) return sealed();
  return forbidden(system, 'your user may read it');
}

function withoutSystemCall(system: System): Refusal {
  if (system.seccompMode !== 2) {
    return {
      cause: 'the kernel has no process_vm_readv',
      remedies: ['use a kernel with CONFIG_CROSS_MEMORY_ATTACH, which those of the distributions have'],
    };
  }
  return {
    cause: 'a seccomp filter forbids process_vm_readv',
    remedies: containerRemedies(system),
  };
}

/** We may read everything, and are refused all the same. */
function despiteCapability(system: System, target: RunningProcess | undefined): Refusal {
  if (system.yamaScope === 3) return sealed();
  const ours = system.namespaces.user;
  const theirs = target?.namespaces.user;
  if (!system.isInitialUserNamespace && theirs !== ours) {
    return {
      cause: 'you have CAP_SYS_PTRACE in a user namespace only, and it is outside of that',
      remedies: ['run `austin` outside of the container or namespace, as root of the machine'],
    };
  }
  return forbidden(system, 'you have CAP_SYS_PTRACE');
}

/** Root, and not all-powerful. */
function withoutCapability(system: System): Refusal {
  const isContainer = system.container !== undefined;
  return {
    cause: `you are root${isContainer ? ' of a container' : ''}, without the capability CAP_SYS_PTRACE`,
    remedies: isContainer
      ? containerRemedies(system)
      : ['use a root shell that has all capabilities; `capsh --print` shows those of this one'],
  };
}

/** Somebody else's permission is needed; where even root does not have it, the container has to be given it. */
function needsRoot(
  { system, invocation, target }: RefusalCase,
  cause: string,
  others: string[] = [],
): Refusal {
  const rootHasIt = hasCapability(system.bounding, 'CAP_SYS_PTRACE');
  if (!rootHasIt && system.container !== undefined) {
    return {
      cause: `${cause}, and not even root of this container may read it`,
      remedies: containerRemedies(system),
    };
  }
  const pid = target?.pid;
  const args = pid === undefined ? ['where', 'PID'] : ['where', String(pid)];
  return { cause, remedies: [`run it as root: \`${austinAsRoot(invocation, args)}\``, ...others] };
}

function sealed(): Refusal {
  return {
    cause: 'Yama lets nobody read processes (kernel.yama.ptrace_scope is 3)',
    remedies: [
      'only a restart with another setting (look in /etc/sysctl.d) changes that; until then not even `austin record` can read what it starts',
    ],
  };
}

function forbidden(system: System, cause: string): Refusal {
  const modules = system.securityModules.filter((name) => name !== 'capability' && name !== 'yama');
  const remedies = [
    ...(modules.includes('selinux')
      ? ['look for a denial with `ausearch -m avc -ts recent`; `setsebool deny_ptrace off` allows it']
      : []),
    ...(modules.includes('apparmor')
      ? ['look for a denial with `dmesg | grep apparmor`, and allow `ptrace` in the profile']
      : []),
    ...(system.container !== undefined ? containerRemedies(system) : []),
  ];
  const module = `a security module${modules.length > 0 ? ` (${modules.join(', ')})` : ''}`;
  const who = system.seccompMode === 2 ? `the seccomp filter that is active, or ${module}` : module;
  return {
    cause: `${cause}: ${who} forbids it`,
    remedies:
      remedies.length > 0 ? remedies : ['ask who administers this machine which policy forbids ptrace'],
  };
}

function containerRemedies(system: System): readonly string[] {
  return [
    ...CONTAINER_REMEDIES[system.container ?? 'unknown'],
    'or run `austin` outside of the container as root, with the pid that the process has there',
  ];
}

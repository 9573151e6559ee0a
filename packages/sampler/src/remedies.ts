import { readFileSync } from 'node:fs';
import type { SamplerErrorCode } from './errors.js';
import { SUPPORTED_PYTHONS } from './supported.js';

/** What to do next about an error, for this machine and this cause. */
export function remedy(code: SamplerErrorCode, pid: number, errno: number): string | undefined {
  switch (code) {
    case 'ERR_PERMISSION_PTRACE':
      return permissionRemedy(pid);
    case 'ERR_PROCESS_GONE':
      return 'check the pid with `ps`; a process in a container has another pid outside it';
    case 'ERR_NOT_PYTHON':
      return 'give the pid of the Python process itself, or more time with `-t` if it is still starting';
    case 'ERR_PYTHON_UNSUPPORTED':
      return `CPython ${SUPPORTED_PYTHONS.oldest} to ${SUPPORTED_PYTHONS.newest} are supported`;
    case 'ERR_PYTHON_LAYOUT':
      return 'please report it with the output of `python3 -VV` and where this Python comes from';
    case 'ERR_OUTPUT_WRITE':
      return errno === ENOSPC ? 'free some space or choose another folder with `-o`' : undefined;
    case 'ERR_KERNEL_STACKS_PERMISSION':
      return 'run it as root: the kernel shows its stacks only to processes with CAP_SYS_ADMIN (in a container: `--cap-add SYS_ADMIN`)';
    case 'ERR_PERF_PERMISSION':
      return perfRemedy();
    case 'ERR_NATIVE_UNSUPPORTED':
      return 'record without native stacks, or on Linux on x86-64 or arm64';
    case 'ERR_COMMAND_NOT_FOUND':
    case 'ERR_COMMAND_START':
    case 'ERR_ADDON_LOAD':
    case 'ERR_SAMPLER_OPTION':
      return undefined;
  }
}

const ENOSPC = 28;

function perfRemedy(): string {
  const level = readNumber('/proc/sys/kernel/perf_event_paranoid');
  const instead = 'or have threads stopped for moments instead: `--native-way exact`';
  if (level !== undefined && level > 2) {
    return `run it as root, or allow it with \`sudo sysctl kernel.perf_event_paranoid=2\` (it is ${level}), ${instead}`;
  }
  return `containers forbid perf_event_open unless they are run with \`--cap-add PERFMON\` and a seccomp profile that allows it, ${instead}`;
}

function permissionRemedy(pid: number): string {
  const scope = readNumber('/proc/sys/kernel/yama/ptrace_scope');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    return 'you are root, so a container or security module forbids it: run the container with `--cap-add SYS_PTRACE`';
  }
  if (scope === 3) return 'kernel.yama.ptrace_scope is 3: no process may read another until the next boot';
  if (scope === 2) return `run it as root: \`sudo austin ... -p ${pid}\` (kernel.yama.ptrace_scope is 2)`;
  if (scope === 1) {
    return `run it as root (\`sudo austin ... -p ${pid}\`), or start the program with \`austin record\`: kernel.yama.ptrace_scope is 1, which allows only a parent to read its children`;
  }
  return `run it as the owner of the process, or as root: \`sudo austin ... -p ${pid}\``;
}

function readNumber(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return undefined; // the kernel has no Yama
  }
}

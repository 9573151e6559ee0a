import { existsSync } from 'node:fs';
import { readText } from './proc-text.js';

export type ContainerKind = 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'systemd-nspawn' | 'unknown';

/** What in a machine tells that it is a container. */
export interface ContainerSigns {
  readonly env: NodeJS.ProcessEnv;
  readonly hasDockerFile: boolean;
  readonly hasPodmanFile: boolean;
  /** The text of `/proc/self/cgroup`. */
  readonly cgroup: string;
  /** Whether the PID namespace is not the one the machine started with. */
  readonly hasOwnPids: boolean;
}

/** Which container this is; undefined when there is no sign of one. */
export function containerKind(signs: ContainerSigns): ContainerKind | undefined {
  const { env, cgroup } = signs;
  if (env.KUBERNETES_SERVICE_HOST !== undefined || cgroup.includes('kubepods')) return 'kubernetes';
  if (signs.hasPodmanFile || env.container === 'podman' || cgroup.includes('libpod')) return 'podman';
  if (signs.hasDockerFile || cgroup.includes('docker')) return 'docker';
  if (env.container?.startsWith('lxc') || /\/lxc[./]/.test(cgroup)) return 'lxc';
  if (env.container === 'systemd-nspawn') return 'systemd-nspawn';
  return signs.hasOwnPids || env.container !== undefined ? 'unknown' : undefined;
}

export function readContainerSigns(hasOwnPids: boolean): ContainerSigns {
  return {
    env: process.env,
    hasDockerFile: existsSync('/.dockerenv'),
    hasPodmanFile: existsSync('/run/.containerenv'),
    cgroup: readText('/proc/self/cgroup') ?? '',
    hasOwnPids,
  };
}

/** How each kind gives a container the permission to read other processes. */
export const CONTAINER_REMEDIES: Record<ContainerKind, readonly string[]> = {
  docker: ['start the container with the capability: `docker run --cap-add SYS_PTRACE ...`'],
  podman: ['start the container with the capability: `podman run --cap-add SYS_PTRACE ...`'],
  kubernetes: [
    'add `securityContext: { capabilities: { add: [SYS_PTRACE] } }` to the container and start the pod again',
    'or look from a container of its own: `kubectl debug -it POD --image IMAGE --target CONTAINER --profile general`',
  ],
  lxc: ['leave sys_ptrace out of `lxc.cap.drop` in the configuration of the container, and start it again'],
  'systemd-nspawn': ['start the container with `systemd-nspawn --capability CAP_SYS_PTRACE ...`'],
  unknown: [
    'start the container with the capability SYS_PTRACE, and without a seccomp filter that forbids process_vm_readv',
  ],
};

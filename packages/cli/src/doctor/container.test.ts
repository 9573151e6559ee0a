import { expect, it } from 'vitest';
import { CONTAINER_REMEDIES, type ContainerSigns, containerKind } from './container.js';

const NO_SIGNS: ContainerSigns = {
  env: {},
  hasDockerFile: false,
  hasPodmanFile: false,
  cgroup: '0::/user.slice/session.scope',
  hasOwnPids: false,
};

it.each<[string | undefined, Partial<ContainerSigns>]>([
  [undefined, {}],
  ['docker', { hasDockerFile: true }],
  ['docker', { cgroup: '12:cpu:/docker/0123' }],
  ['podman', { hasPodmanFile: true, hasDockerFile: true }],
  ['podman', { env: { container: 'podman' } }],
  ['kubernetes', { hasDockerFile: true, env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }],
  ['kubernetes', { cgroup: '0::/kubepods/besteffort/pod1' }],
  ['lxc', { env: { container: 'lxc' } }],
  ['systemd-nspawn', { env: { container: 'systemd-nspawn' } }],
  ['unknown', { hasOwnPids: true }],
  ['unknown', { env: { container: 'something' } }],
])('takes for %s what shows %j', (kind, signs) => {
  expect(containerKind({ ...NO_SIGNS, ...signs })).toBe(kind);
});

it('knows for each what gives the permission', () => {
  for (const remedies of Object.values(CONTAINER_REMEDIES)) {
    expect(remedies.join()).toMatch(/SYS_PTRACE|sys_ptrace/);
  }
});

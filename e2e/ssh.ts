import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

/** Not on the PATH of users. */
const SSHD = ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path));

/** As root it wants this folder, which the service makes when it starts. */
const SEPARATION = '/run/sshd';
const needsFolder = process.getuid?.() === 0 && !existsSync(SEPARATION);

const worksHere = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Whether there are both ends of a connection; says so if not. */
export const hasSsh =
  SSHD !== undefined && worksHere('ssh', '-V') && (!needsFolder || worksHere('unshare', '--mount', 'true'));
if (!hasSsh) console.log('skipped: connections by ssh. They need sshd and ssh (Debian: openssh-server).');

const servers: Server[] = [];
const daemons: ChildProcess[] = [];

afterEach(() => {
  for (const daemon of daemons.splice(0)) daemon.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/**
 * Takes connections of ssh on a free port of the loopback until the end of the test. Its keys and its settings are in a folder that
 * belongs to the test, and it is whoever runs the test that one logs in as. What it has to say is in the file `sshd-log` there.
 * Answers with the command line that leads there, up to the command to run.
 */
export async function openSshServer(folder: string): Promise<readonly string[]> {
  const hostKey = join(folder, 'host-key');
  const userKey = join(folder, 'user-key');
  const config = join(folder, 'sshd-config');
  for (const key of [hostKey, userKey]) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  }
  writeFileSync(
    config,
    [
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${userKey}.pub`,
      // The folder is in one that everybody may write to.
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'UsePAM no',
      'PrintMotd no',
      'PrintLastLog no',
      '',
    ].join('\n'),
  );
  const [program, ...args] = daemonWords(['-i', '-f', config, '-E', join(folder, 'sshd-log')]);
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    daemons.push(spawn(program!, args, { stdio: [socket, socket, 'ignore'] }));
    socket.destroy();
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const settings = [
    `Port=${port}`,
    `IdentityFile=${userKey}`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    'EscapeChar=none',
  ].flatMap((setting) => ['-o', setting]);
  return ['ssh', '-tt', '-F', 'none', ...settings, `${userInfo().username}@127.0.0.1`];
}

/** It insists on its whole path. Where its folder is missing, it gets one that nobody else sees. */
function daemonWords(args: readonly string[]): readonly string[] {
  if (!needsFolder) return [SSHD!, ...args];
  const inside = `mount -t tmpfs none /run && mkdir ${SEPARATION} && exec "$0" "$@"`;
  return ['unshare', '--mount', 'sh', '-c', inside, SSHD!, ...args];
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs something with the pid of a process of our user that is not below us, as those are to which one attaches: its
 * parent has ended, and init has adopted it. It ends afterwards, or by itself after ten seconds.
 */
export async function withUnrelatedProcess<T>(use: (pid: number) => T): Promise<T> {
  const { stdout } = await run('sh', ['-c', 'sleep 10 >/dev/null 2>&1 & echo $!']);
  const pid = Number(stdout);
  try {
    return use(pid);
  } finally {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself: this machine is very slow.
    }
  }
}

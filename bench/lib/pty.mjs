import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuClock } from './cpu-time.mjs';
import { executable, folders } from './search.mjs';
import { sum } from './statistics.mjs';

/** util-linux's `script` gives a program a terminal. */
export const canOpenPty = executable('script') !== undefined;

const SIZE = 'stty rows 40 cols 120';
const GRACE_MS = 3000;

/** Starts a program that draws on a terminal, in a folder, and answers with it. What it draws is handed to `onOutput`. */
export function startOnPty(command, onOutput, cwd) {
  const line = `${SIZE}; exec ${command.map(quoted).join(' ')}`;
  const child = spawn('script', ['-qfec', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd,
    // Austin TUI starts `austin`.
    env: { ...process.env, PATH: folders().join(delimiter), TERM: 'xterm-256color', COLORTERM: '' },
  });
  const closed = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdout.on('data', onOutput);
  return {
    closed,
    /** The processes of the program, without `script` itself. */
    pids: () => below(child.pid),
    press: (key) => child.stdin.write(key),
    async end() {
      child.stdin.write('q');
      await Promise.race([closed, sleep(GRACE_MS)]);
      for (const pid of [...below(child.pid), child.pid]) kill(pid);
      await closed;
    },
  };
}

/** CPU seconds that some processes use from now on. */
export function cpuClockOf(pids) {
  const clocks = pids.map(cpuClock);
  return () => sum(clocks.map((clock) => clock() ?? 0));
}

/** Memory of some processes, what they share counted once, in bytes. */
export function memoryOf(pids) {
  return sum(
    pids.map((pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return Number(/^Pss:\s*(\d+) kB$/m.exec(text)?.[1]) * 1024;
    }),
  );
}

/** The processes below one. */
export function below(pid) {
  return childrenOf(pid).flatMap((child) => [child, ...below(child)]);
}

function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return []; // it has just ended
  }
}

/** Ends a process, if it is still there. */
export function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

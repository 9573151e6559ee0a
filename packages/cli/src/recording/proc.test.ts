import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { commandOf, isRunning, processTree } from './proc.js';

const linux = it.skipIf(process.platform !== 'linux');

linux('a process, those below it, and when they are gone', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo ready; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const tree = processTree(child.pid ?? 0);
  // What the shell has started is another shell for a moment.
  await expect.poll(() => tree.map(({ pid }) => commandOf(pid)?.[0])).toEqual(['sh', 'sleep']);
  expect(tree.every(isRunning)).toBe(true);
  for (const { pid } of tree) process.kill(pid, 'SIGKILL');
  await once(child, 'exit');
  await expect.poll(() => tree.some(isRunning)).toBe(false);
});

linux('a process that does not exist', () => {
  expect(processTree(4_194_304)).toEqual([]);
  expect(commandOf(4_194_304)).toBeUndefined();
});

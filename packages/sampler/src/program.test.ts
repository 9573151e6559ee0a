import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Program, startProgram } from './program.js';

/** Whether a process runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** A shell that starts another one; answers with the pid of the inner one, which goes on as `sleep`. */
async function family(script: string): Promise<{ program: Program; inner: number }> {
  const words = ['-c', `sh -c '${script}; echo $$; exec sleep 60'; exit 3`];
  const program = await startProgram('sh', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const inner = await new Promise<number>((resolve) => {
    program.child.stdout?.once('data', (line: Buffer) => resolve(Number(line)));
  });
  return { program, inner };
}

it('a program can be signalled alone, or with all below it', async () => {
  const { program, inner } = await family('true');
  expect(program.hasEnded()).toBe(false);
  program.signal('SIGTERM');
  expect(await program.ended).toEqual({ signal: 'SIGTERM' });
  expect(program.hasEnded()).toBe(true);
  expect(runs(inner)).toBe(true);
  process.kill(inner, 'SIGKILL');

  const another = await family('true');
  another.program.signalTree('SIGKILL');
  expect(await another.program.endWithin(10_000)).toEqual({ signal: 'SIGKILL' });
  expect(runs(another.inner)).toBe(false);
});

it('what does not obey is killed, though its parent has ended', async () => {
  const { program, inner } = await family('trap "" TERM');
  program.signalTree('SIGTERM');
  expect(await program.ended).toEqual({ signal: 'SIGTERM' });
  expect(runs(inner)).toBe(true);
  await program.endWithin(0);
  expect(runs(inner)).toBe(false);
});

it('tells the status of a program that ends by itself', async () => {
  const program = await startProgram('sh', ['-c', 'exit 7']);
  expect(await program.ended).toEqual({ code: 7 });
  // Of what is gone nothing is left to signal.
  program.signal('SIGTERM');
  program.signalTree('SIGTERM');
  expect(await program.end()).toEqual({ code: 7 });
});

/** The nice value and the scheduling policy (0 is the ordinary one) of a thread, from its `stat`. */
function scheduling(stat: string): { nice: number; policy: number } {
  // Fields 19 and 41 of proc(5); the third one follows the name in parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { nice: Number(fields[19 - 3]), policy: Number(fields[41 - 3]) };
}

it('a program gets the ordinary priority, and we have it again', async () => {
  const program = await startProgram('cat', ['/proc/self/stat'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const stat = await text(program.child.stdout!);
  await program.ended;
  await nextTurn();
  const ours = { nice: getPriority(), policy: 0 };
  expect(scheduling(stat)).toEqual(ours);
  expect(scheduling(readFileSync('/proc/thread-self/stat', 'utf8'))).toEqual(ours);
});

it('what cannot be started is refused', async () => {
  await expect(startProgram('no-such-command', [])).rejects.toMatchObject({ code: 'ERR_COMMAND_NOT_FOUND' });
  await expect(startProgram('/proc/self/stat', [])).rejects.toMatchObject({ code: 'ERR_COMMAND_START' });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileText, PYTHON, runs, script, start, temporaryFolder, until } from './cli-helpers.js';
import { hasSsh, openSshServer } from './ssh.js';
import { hasTmux, openTmux } from './tmux.js';
import { austinLine, expectClean, programIn, shellLine } from './top-helpers.js';

/** A terminal with the view, at the other end of a connection, of a process that was there before. */
async function watchingOverSsh() {
  const cwd = temporaryFolder();
  const program = start(PYTHON, [programIn(cwd)], { cwd });
  const pid = Number(await fileText(join(cwd, 'pid')));
  const there = script(
    cwd,
    `cd '${cwd}'
     echo $$ > session
     # What it gets the view gets too, and it has to tell how that has ended.
     trap : HUP
     ${austinLine('top', '-p', String(pid))}
     code=$?
     echo $code > code
     exit $code`,
    'there.sh',
  );
  const ssh = await openSshServer(cwd);
  const terminal = openTmux({ cwd, env: { TERM: 'xterm-256color' } });
  terminal.run("echo 'before the view'");
  terminal.run(shellLine(...ssh, `exec sh '${there}'`));
  await terminal.until(/● live[\s\S]*outer {2}.*app\.py/);
  const session = Number(await fileText(join(cwd, 'session')));
  return { terminal, program, cwd, session };
}

/** The processes of a session. */
function pidsOf(session: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && runs(pid) && sessionOf(pid) === session);
}

function sessionOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  } catch {
    return undefined;
  }
}

describe.skipIf(!hasTmux || !hasSsh)('austin top over ssh', () => {
  it('has its keys, its colours, the mouse and the size of the terminal, and leaves that clean', async () => {
    const { terminal, program, session } = await watchingOverSsh();
    expect(terminal.coloured()).toMatch(/[34]8;5;\d+/);
    expect(terminal.modes()).toEqual({ isAlternate: true, hasCursor: false, hasMouse: true, wraps: false });
    terminal.press('3');
    await terminal.until('who calls whom');
    terminal.click('2 Stacks');
    await terminal.until('the stack of each thread now');
    terminal.resize(60, 12);
    await terminal.until((text) => {
      const rows = text.trimEnd().split('\n');
      return rows.length === 12 && rows.at(-1)!.startsWith('q quit');
    });
    terminal.resize(140, 40);
    await terminal.until((text) => text.trimEnd().split('\n').length === 40);
    terminal.press('Space');
    await terminal.until('❚❚ paused');
    terminal.press('Space');
    await terminal.until('● live');
    terminal.press('q');
    await expectClean(terminal, 0);
    await until(() => pidsOf(session).length === 0);
    expect(program.child.exitCode).toBeNull();
  });

  it('ends when the connection is lost, and leaves the process alone', async () => {
    const { terminal, program, cwd, session } = await watchingOverSsh();
    expect(pidsOf(session).length).toBeGreaterThanOrEqual(2);
    process.kill(terminal.foreground(), 'SIGKILL');
    expect(await fileText(join(cwd, 'code'))).toBe('129\n');
    await until(() => pidsOf(session).length === 0);
    expect(program.child.exitCode).toBeNull();
    expect(readFileSync(`/proc/${program.pid}/status`, 'utf8')).toMatch(/^TracerPid:\t0$/m);
  });
});

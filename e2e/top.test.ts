import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  austin,
  CLI,
  fileText,
  PYTHON,
  runs,
  script,
  start,
  temporaryFolder,
  tool,
  until,
} from './cli-helpers.js';
import { findPythons } from './pythons.js';
import { hasTmux, openTmux } from './tmux.js';
import { austinLine, expectClean, HUNG_TERMINAL, programIn, toolLine } from './top-helpers.js';

const pythons = await findPythons();
const oldestAndNewest = [...new Set([pythons[0]!, pythons.at(-1)!])];

interface Watching {
  readonly python?: string;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A terminal with the view of a program that it has started, sampled already. */
async function watching({ python = PYTHON, words = [], ...options }: Watching = {}) {
  const cwd = temporaryFolder();
  const app = programIn(cwd);
  const terminal = openTmux({ cwd, ...options });
  terminal.run("echo 'before the view'");
  terminal.run(austinLine('top', ...words, python, app));
  const pid = Number(await fileText(join(cwd, 'pid')));
  await terminal.until(/ outer {2}.*app\.py/);
  return { terminal, cwd, pid };
}

describe.skipIf(!hasTmux)('austin top', () => {
  describe.each(oldestAndNewest)('with Python $name', (python) => {
    it('shows a program that it starts in every view, and ends it when one leaves', async () => {
      const { terminal, pid } = await watching({ python: python.path });
      const functions = await terminal.until(/● live[\s\S]*inner/);
      expect(functions).toMatch(new RegExp(`pid ${pid} {2}Python 3\\.${python.version.minor}\\.`));
      await terminal.until(/samples {2}1,000 Hz asked {2}[\d,.]+ Hz got {2}invalid/);
      await terminal.until(/up \d+:\d\d {2}CPU \d+ % {2}mem [\d.]+ MiB {2}2 threads/);
      // What the program prints would stand in the middle of it.
      expect(functions).not.toContain('printed by the program');

      terminal.press('2');
      await terminal.until((text) =>
        /thread \d+ MainThread[\s\S]*outer[\s\S]*▶[\s\S]*thread \d+ waiter[\s\S]*▶ waiting/.test(text),
      );
      terminal.press('3');
      await terminal.until(/▾ thread \d+ MainThread\n.*▾ <module>[\s\S]*▾ outer[\s\S]*inner/);
      terminal.press('4');
      await terminal.until(/ all threads {2}100 %[\s\S]* thread \d+ (?:MainThread|waiter)[\s\S]* outer/);
      // From the function that the cursor is on to its lines.
      terminal.press('1', 'Home', '/');
      terminal.type('outer');
      terminal.press('Enter', 'Enter');
      await terminal.until(
        /outer .*app\.py[\s\S]*% +±\d.* {2}inner\(2000\)|outer .*app\.py[\s\S]*inner\(2000\)/,
      );
      expect(terminal.modes()).toEqual({ isAlternate: true, hasCursor: false, hasMouse: true, wraps: false });

      terminal.press('q');
      await expectClean(terminal, 0);
      expect(terminal.text()).toMatch(/austin: .* samples, 1,000 Hz asked/);
      expect(runs(pid)).toBe(false);
    });
  });

  it('leaves a process that it has attached to as it was', async () => {
    const cwd = temporaryFolder();
    const program = start(PYTHON, [programIn(cwd)], { cwd });
    const pid = Number(await fileText(join(cwd, 'pid')));
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', '-p', String(pid)));
    await terminal.until(/outer {2}.*app\.py/);
    terminal.press('C-c');
    await expectClean(terminal, 0);
    expect(runs(pid)).toBe(true);
    expect(program.child.exitCode).toBeNull();
  });

  it('obeys its keys', async () => {
    const { terminal } = await watching({ words: ['-f', '-g'] });
    await terminal.until(/GC [\d.<]+ %/);
    for (const title of ['wall time', 'memory gained', 'memory given back', 'GIL time', 'CPU time']) {
      expect(terminal.text()).not.toMatch(new RegExp(`${title}$`, 'm'));
      terminal.press('w');
      await terminal.until(new RegExp(`${title}$`, 'm'));
    }
    terminal.press('m');
    await terminal.until((text) => text.includes('own code') && !text.includes('json/encoder.py'));
    terminal.press('m');
    await terminal.until(/json\/encoder\.py/);
    terminal.press('t', 'Down', 'Down', 'Enter');
    await terminal.until((text) => /thread \d+ waiter {2}CPU time/.test(text) && !text.includes('outer'));
    terminal.press('t', 'Home', 'Enter', 'p', 'Down', 'Enter');
    await terminal.until(/process \d+ {2}CPU time[\s\S]*outer/);
    terminal.press('o');
    await terminal.until('total ▼');

    terminal.press('Space');
    const paused = await terminal.until(/❚❚ paused/);
    const samples = /[\d,]+ samples/.exec(paused)![0];
    terminal.press('3', '4', '1');
    await terminal.until('total ▼');
    expect(terminal.text()).toContain(samples);
    terminal.press('Space');
    await terminal.until((text) => text.includes('● live') && !text.includes(samples));
    const counted = Number(/([\d,]+) samples/.exec(terminal.text())![1]!.replaceAll(',', ''));
    terminal.press('r');
    await terminal.until((text) => {
      const now = /([\d,]+) samples/.exec(text)?.[1];
      return now !== undefined && Number(now.replaceAll(',', '')) < counted;
    });
    terminal.press('?');
    await terminal.until(/pause what is shown/);
    terminal.press('Escape');
    await terminal.until('total ▼');
  });

  it('fits any size from 60 x 12, and says so of a smaller one', async () => {
    const { terminal } = await watching();
    terminal.resize(60, 12);
    await terminal.until((text) => {
      const rows = text.trimEnd().split('\n');
      return rows.length === 12 && rows.at(-1)!.startsWith('q quit') && text.includes('waiting');
    });
    terminal.resize(40, 10);
    await terminal.until('40 x 10 is too small');
    terminal.resize(160, 50);
    await terminal.until((text) => text.trimEnd().split('\n').length === 50 && text.includes('waiting'));
  });

  it('knows the mouse', async () => {
    const { terminal } = await watching();
    terminal.click('3 Tree');
    await terminal.until('who calls whom');
    terminal.click('1 Functions');
    await terminal.until('self ▼');
    terminal.click('total');
    await terminal.until('total ▼');
    terminal.click('outer');
    terminal.click('outer');
    await terminal.until(/inner\(2000\)/);
    terminal.resize(100, 16);
    await terminal.until((text) => text.trimEnd().split('\n').length === 16);
    terminal.click('? help');
    await terminal.until('1 2 3 4 5, tab');
    terminal.type('\u001b[<65;5;8M');
    await terminal.until((text) => !text.includes('1 2 3 4 5, tab'));
    // What is pasted presses no keys.
    terminal.press('Escape');
    terminal.type('\u001b[200~qqq\u001b[201~');
    terminal.press('3');
    await terminal.until('who calls whom');
  });

  it('saves what it has recorded, while it goes on and after the end', async () => {
    const { terminal, cwd, pid } = await watching();
    for (const [key, name] of Object.entries({
      m: 'austin.app.mojo',
      c: 'austin.app.austin',
      p: 'austin.app.pprof.gz',
      s: 'austin.app.speedscope.json',
      h: 'austin.app.html',
    })) {
      terminal.press('s');
      await terminal.until('save as');
      terminal.press(key);
      await terminal.until(`wrote ${name}`);
    }
    process.kill(pid, 'SIGKILL');
    await terminal.until('■ the program has ended');
    terminal.press('s', 'Enter');
    await terminal.until('wrote austin.app.2.mojo');
    terminal.press('q');
    await expectClean(terminal, 0);

    const names = readdirSync(cwd)
      .filter((name) => name.startsWith('austin.'))
      .sort();
    expect(names).toHaveLength(6);
    const samples = new Map<string, number>();
    for (const name of names.filter((one) => !one.endsWith('.html'))) {
      const { code, stdout, stderr } = await austin(['summary', '--json', '--strict', join(cwd, name)]);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const summary = JSON.parse(stdout.toString()) as { samples: number; functions: { name: string }[] };
      expect(summary.functions.map((fn) => fn.name)).toContain('inner');
      samples.set(name, summary.samples);
    }
    expect(samples.get('austin.app.2.mojo')).toBeGreaterThan(samples.get('austin.app.mojo')!);
    expect(readFileSync(join(cwd, 'austin.app.html'), 'utf8')).toContain('</html>');
  });

  it('shows a recording, of any format', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'old.folded'), 'main;work 70\nmain;rest 30\n');
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'old.folded'));
    await terminal.until(/■ recorded\n1 thread\n100 samples[\s\S]*70\.0 %.* work[\s\S]*30\.0 %.* rest/);
    terminal.press('s', 'm');
    await terminal.until('wrote old.mojo');
    terminal.press('q');
    await expectClean(terminal, 0);
    terminal.run('clear');
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'old.mojo'));
    await terminal.until(/■ recorded[\s\S]*70\.0 %.* work/);
    terminal.press('q');
    await expectClean(terminal, 0);
  });

  it('plays a recording at its own pace, faster and slower, and from any moment', async () => {
    const cwd = temporaryFolder();
    const app = programIn(cwd);
    expect((await austin(['record', '-x', '1.5', '-o', 'app.mojo', PYTHON, app], { cwd })).code).toBe(0);
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'app.mojo'));
    const whole = await terminal.until(/■ recorded[\s\S]*outer {2}.*app\.py/);
    const samples = (text: string): number =>
      Number(/^([\d,]+) samples/m.exec(text)![1]!.replaceAll(',', ''));
    terminal.press('<', '<', '<', 'Space');
    await terminal.until(/▶ 0:00 of 0:01 {2}×0\.125/);
    terminal.press(']', ']', 'Space');
    await terminal.until(/❚❚ 0:00 of 0:01 {2}×0\.125[\s\S]*[1-9]\d* samples/);
    // What was played last is drawn a moment later.
    await delay(500);
    const paused = terminal.text();
    expect(samples(paused)).toBeLessThan(samples(whole) / 2);
    terminal.press(']', ']', ']');
    await terminal.until((text) => samples(text) > samples(paused));
    terminal.press('[', '[', '[');
    await terminal.until((text) => samples(text) === samples(paused));
    terminal.press('b');
    await terminal.until(/❚❚ 0:00 of 0:01[\s\S]*\n0 samples[\s\S]*no sample yet/);
    terminal.press('>', '>', '>', 'Space');
    const isWhole = (text: string): boolean => samples(text) === samples(whole);
    await terminal.until((text) => /❚❚ 0:01 of 0:01 {2}×1\n/.test(text) && isWhole(text));
    terminal.press('q');
    await expectClean(terminal, 0);

    terminal.run('clear');
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', '--play', '0.25', 'app.mojo'));
    await terminal.until(/▶ 0:0[01] of 0:01 {2}×0\.25[\s\S]*\n[1-9]\d* samples/);
    terminal.press('e');
    await terminal.until((text) => text.includes('❚❚ 0:01 of 0:01') && isWhole(text));
    terminal.press('q');
    await expectClean(terminal, 0);
  });

  it('says why it cannot play what has no times', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'old.folded'), 'main;work 70\nmain;rest 30\n');
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'old.folded'));
    await terminal.until(/■ recorded/);
    terminal.press('Space');
    await terminal.until(/cannot be played: The profile has no time line: its weights are counts/);
    await terminal.until(/70\.0 %.* work/);
    terminal.press('q');
    await expectClean(terminal, 0);
    const refused = await austin(['top', '--play', '1', PYTHON], { cwd });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('`--play` plays a recording'),
    ]);
  });

  it.each([
    ['linux', '16'],
    ['screen', '16'],
    ['xterm-16color', '16'],
    ['screen-256color', '256'],
    ['vt100', 'none'],
  ] as const)('fits a terminal of 60 x 12 that is %s, in %s colours', async (TERM, depth) => {
    const { terminal } = await watching({ env: { TERM, COLORTERM: '' }, columns: 60, rows: 12 });
    for (const view of ['1', '2', '3', '4', '5', '?']) {
      terminal.press(view);
      await delay(150);
      const rows = terminal.text().trimEnd().split('\n');
      expect(rows.length).toBeLessThanOrEqual(12);
      expect(rows[0]).toMatch(/^austin top .* ● live$/);
    }
    terminal.press('Escape', '4');
    await terminal.until(/ all threads[\s\S]*q quit/);
    const coloured = terminal.coloured();
    const of256 = /[34]8;5;\d+/g;
    const has = [
      /\[(?:\d+;)*(?:3[0-7]|4[0-7]|9\d|10\d)[;m]/.test(coloured.replace(of256, '')),
      of256.test(coloured),
    ];
    expect(has).toEqual([depth === '16', depth === '256']);
    expect(coloured).not.toMatch(/[34]8;2;/);
    terminal.press('q');
    await terminal.until(() => !terminal.modes().isAlternate);
    terminal.run('echo "left: $?"');
    await terminal.until(/left: 0/);
  });

  it('is refused by a terminal that cannot move its cursor', async () => {
    const cwd = temporaryFolder();
    const terminal = openTmux({ cwd, env: { TERM: 'dumb' } });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', PYTHON, programIn(cwd)));
    await terminal.until('this one cannot move its cursor (TERM)');
    await expectClean(terminal, 2);
  });

  it.each(['TERM', 'HUP', 'INT'] as const)('gives the terminal back after SIG%s', async (name) => {
    const { terminal, pid } = await watching();
    terminal.press('C-z');
    await terminal.until(/before the view[\s\S]*Stopped/);
    expect(terminal.modes()).toMatchObject({ isAlternate: false, hasMouse: false });
    terminal.run('fg');
    await terminal.until(/● live[\s\S]*outer/);
    expect(terminal.modes()).toMatchObject({ isAlternate: true, hasMouse: true });
    process.kill(parentOf(pid), `SIG${name}`);
    await terminal.until((text) => text.includes('before the view'));
    await expectClean(terminal, { TERM: 143, HUP: 129, INT: 130 }[name]);
    expect(runs(pid)).toBe(false);
  });

  it('ends on SIGTERM although the terminal takes nothing any more', async () => {
    const cwd = temporaryFolder();
    const hung = script(cwd, HUNG_TERMINAL, 'hung.py');
    const command = [process.execPath, CLI, 'top', PYTHON, programIn(cwd)];
    const { finished } = start(PYTHON, [hung, ...command], { cwd, env: { TERM: 'xterm-256color' } });
    expect((await finished).stdout.toString()).toBe('exit status 143\n');
  });

  it('gives the terminal back after a crash, and says what it was', async () => {
    const cwd = temporaryFolder();
    const crash = join(cwd, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('a bug') });\n");
    const app = programIn(cwd);
    const terminal = openTmux({ cwd, env: { NODE_OPTIONS: `--import=${crash}` } });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', PYTHON, app));
    await terminal.until(/outer {2}.*app\.py/);
    const pid = Number(await fileText(join(cwd, 'pid')));
    process.kill(parentOf(pid), 'SIGUSR2');
    await terminal.until(/unexpected error: a bug/);
    await expectClean(terminal, 1);
    await until(() => !runs(pid));
  });

  it('has no colours where they are not wanted', async () => {
    const { terminal } = await watching({ env: { NO_COLOR: '1' } });
    terminal.press('4');
    await terminal.until(/ all threads/);
    expect(terminal.coloured()).not.toMatch(/\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)[;m]/);
  });

  it('keeps what the program prints, if that is wanted', async () => {
    const { terminal, cwd } = await watching({ words: ['--program-output', 'out.txt'] });
    expect(await fileText(join(cwd, 'out.txt'))).toBe('printed by the program\n');
    terminal.press('q');
    await until(() => !terminal.modes().isAlternate);
  });

  it('has nothing to show of a program that is no Python, and says so', async () => {
    const cwd = temporaryFolder();
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'true'));
    await terminal.until('austin: nothing was sampled');
    await expectClean(terminal, 0);
    terminal.run('clear');
    terminal.run("echo 'before the view'");
    terminal.run(austinLine('top', 'no-such-command'));
    await terminal.until('command not found');
    await expectClean(terminal, 127);
  });
});

describe('austin-tui', () => {
  it.skipIf(!hasTmux)('is the same view with the options of old', async () => {
    const cwd = temporaryFolder();
    const app = programIn(cwd);
    const terminal = openTmux({ cwd });
    terminal.run("echo 'before the view'");
    terminal.run(toolLine('austin-tui', '-Cs', '-i', '1000', '-t', '5000', PYTHON, app));
    await terminal.until(/1,000 Hz asked[\s\S]*the stack of each thread now[\s\S]*outer {2}.*app\.py/);
    terminal.press('p');
    await terminal.until(/❚❚ paused/);
    terminal.press('s');
    const [, name] = /Stats saved as (\S+)/.exec(await terminal.until(/Stats saved as \S+\.aprof$/m))!;
    terminal.press('p', 'f');
    await terminal.until(/● live[\s\S]*who calls whom/);
    terminal.press('Right');
    await terminal.until(/thread \d+ MainThread {2}CPU time$/m);
    terminal.press('+', '+');
    await terminal.until(/≥ 2 %/);
    terminal.press('g');
    await terminal.until(/ all threads {2}100 %/);
    terminal.press('q');
    await expectClean(terminal, 0);
    expect(terminal.text()).toContain('🏁 Starting the Austin TUI ...');

    const pid = Number(readFileSync(join(cwd, 'pid'), 'utf8'));
    expect(name).toMatch(new RegExp(`^austin_\\d{10}_${pid}\\.aprof$`));
    const [head, body] = readFileSync(join(cwd, name!), 'utf8').split('\n\n', 2) as [string, string];
    expect(head).toMatch(/^# austin: .*\n# interval: 1000\n# mode: cpu\n(?:# .*\n)*# python: \d[\d.]+$/);
    const stacks = body.trimEnd().split('\n');
    expect(stacks.join('\n')).toMatch(new RegExp(`^P${pid};T0:${pid};.*app\\.py:outer:\\d+;.* \\d+$`, 'm'));
    expect(new Set(stacks.map((line) => line.replace(/ \d+$/, ''))).size).toBe(stacks.length);
    const read = await austin(['summary', '--json', '--strict', join(cwd, name!)]);
    expect([read.code, read.stderr]).toEqual([0, '']);
    expect(read.stdout.toString()).toContain('"inner"');
  });

  it('answers as the reference does where there is nothing to show', async () => {
    const help = await tool('austin-tui', ['--help']);
    expect([help.code, help.stdout.toString()]).toEqual([0, expect.stringContaining('Usage: austin-tui')]);
    const nothing = await tool('austin-tui', ['-C']);
    expect([nothing.code, nothing.stderr]).toEqual([255, expect.stringContaining('neither a command nor')]);
    const wrong = await tool('austin-tui', ['--exposure', '3', 'python3']);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('unrecognized option')]);
    const cwd = temporaryFolder();
    const refused = await tool('austin-tui', ['python3'], { cwd, env: { AUSTIN_TUI_DEBUG: '1' } });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('needs a terminal')]);
    expect(readFileSync(join(cwd, 'austin-tui.exc'), 'utf8')).toContain('needs a terminal');
  });
});

describe('austin top without a terminal', () => {
  it('is refused with what to do instead', async () => {
    const cwd = temporaryFolder();
    const { code, stderr } = await austin(['top', PYTHON, programIn(cwd)], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/a live view needs a terminal[\s\S]*`austin record`[\s\S]*`austin summary FILE`/);
    expect(existsSync(join(cwd, 'pid'))).toBe(false);
  });

  it('needs something to show', async () => {
    expect((await austin(['top'])).code).toBe(2);
    expect((await austin(['top', '-p', '1', 'python3'])).stderr).toContain('two things to sample');
  });
});

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

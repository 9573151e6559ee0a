import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';

/** Whether tmux is there; says so if it is not. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.log('skipped: terminals. They need tmux (Debian: tmux).');

/** So long a screen may take to become what it should be. */
const PATIENCE_MS = 30_000;

const terminals: TmuxTerminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});

export interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a terminal is set to, besides what it shows. */
export interface TerminalModes {
  readonly isAlternate: boolean;
  readonly hasCursor: boolean;
  readonly hasMouse: boolean;
  readonly wraps: boolean;
}

/** Opens a terminal with a shell in it, which is closed after the test. */
export function openTmux(options: TerminalOptions): TmuxTerminal {
  const terminal = new TmuxTerminal(options);
  terminals.push(terminal);
  return terminal;
}

/** A real terminal without a window: a tmux server of its own. */
class TmuxTerminal {
  readonly #socket = `austin-${randomBytes(6).toString('hex')}`;

  constructor({ cwd, columns = 100, rows = 30, env = {} }: TerminalOptions) {
    const size = ['-x', String(columns), '-y', String(rows)];
    // Prompt and history of whoever runs the tests are not of interest.
    const shell = `exec env PS1='$ ' ENV= ${Object.entries(env)
      .map(([name, value]) => `${name}='${value}'`)
      .join(' ')} sh -i`;
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, '-c', cwd, shell);
  }

  /** Types a command line. */
  run(line: string): void {
    this.type(line);
    this.press('Enter');
  }

  /** Types a text as it is. */
  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  /** Presses keys, by their names in tmux. */
  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Clicks on the first place where a text stands. */
  click(text: string): void {
    const rows = this.text().split('\n');
    const y = rows.findIndex((row) => row.includes(text));
    if (y < 0) throw new Error(`not on the screen: ${text}`);
    this.type(`\u001b[<0;${rows[y]!.indexOf(text) + 1};${y + 1}M`);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen. */
  text(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** The same with the escape sequences of its colours. */
  coloured(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** The group of processes that the keys go to. */
  foreground(): number {
    const shell = this.#tmux('display-message', '-p', '#{pane_pid}').trim();
    const stat = readFileSync(`/proc/${shell}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5]);
  }

  modes(): TerminalModes {
    const format = '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{wrap_flag}';
    const [isAlternate, hasCursor, hasMouse, wraps] = this.#tmux('display-message', '-p', format)
      .trim()
      .split(' ')
      .map((flag) => flag === '1');
    return { isAlternate: isAlternate!, hasCursor: hasCursor!, hasMouse: hasMouse!, wraps: wraps! };
  }

  /** Waits until the screen is as it should be, and answers with it. The test's own time limit bounds it. */
  async until(isSo: RegExp | string | ((text: string) => boolean)): Promise<string> {
    const began = Date.now();
    for (;;) {
      const text = this.text();
      if (
        typeof isSo === 'string' ? text.includes(isSo) : isSo instanceof RegExp ? isSo.test(text) : isSo(text)
      ) {
        return text;
      }
      if (Date.now() - began > PATIENCE_MS)
        throw new Error(`waited for ${String(isSo)}, but the screen is\n${text}`);
      await delay(20);
    }
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LogOptions, openLog } from './logger.js';

let folder = '';
let path = '';
let time = 0;
const failures: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'austin-cli-'));
  path = join(folder, 'austin.log');
  time = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  failures.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(options: Partial<LogOptions> = {}) {
  return openLog({
    path,
    env: {},
    now: () => time,
    onFailure: (sentence) => failures.push(sentence),
    ...options,
  });
}

function lines(): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

it('writes a line for each event, behind what was there', () => {
  writeFileSync(path, 'before\n');
  const log = open();
  log.log('info', 'attached', { pid: 12, python: '3.12.1', command: 'python app.py "x"\n', none: undefined });
  log.log('error', 'output failed');
  log.close();
  expect(lines()).toEqual([
    'before',
    String.raw`2026-01-02T03:04:05.006Z info  attached pid=12 python=3.12.1 command="python app.py \"x\"\n"`,
    '2026-01-02T03:04:05.006Z error output failed',
  ]);
});

it('leaves out what is below its level', () => {
  const log = open({ level: 'warn' });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log.log(level, `a ${level}`);
  log.close();
  expect(lines().map((line) => line.slice(25))).toEqual(['warn  a warn', 'error a error']);
  const talkative = open({ level: 'debug' });
  talkative.log('debug', 'more');
  talkative.close();
  expect(lines()).toHaveLength(3);
});

it('is silent without a path, and with any value in AUSTIN_NO_LOGGING', () => {
  open({ path: undefined }).log('error', 'nobody hears');
  for (const value of ['1', '0', 'no'])
    open({ env: { AUSTIN_NO_LOGGING: value } }).log('error', 'nobody hears');
  expect(() => readFileSync(path)).toThrow(/ENOENT/);
  open({ env: { AUSTIN_NO_LOGGING: '' } }).log('info', 'heard');
  expect(lines()).toHaveLength(1);
});

it('counts what repeats too often instead of writing it', () => {
  const log = open();
  for (let i = 0; i < 100_000; i++) {
    log.log('info', 'same', { i });
    if (i % 1000 === 0) log.log('info', 'other', { i });
    time += 1; // 100 seconds in all
  }
  log.close();
  const same = lines().filter((line) => /\bsame\b/.test(line));
  const counted = same.filter((line) => line.includes('repeated'));
  expect(same.length - counted.length).toBe(100); // ten in each of ten bursts
  expect(counted[0]).toMatch(/info {2}repeated event=same times=9990$/);
  const total = counted.reduce((sum, line) => sum + Number(/times=(\d+)/.exec(line)?.[1]), 0);
  expect(total + 100).toBe(100_000);
  expect(lines().filter((line) => line.includes(' other '))).toHaveLength(100);
});

it('that cannot be written is said once, and harms nothing', () => {
  const missing = open({ path: join(folder, 'no/austin.log') });
  for (let i = 0; i < 3; i++) missing.log('info', 'lost');
  missing.close();
  expect(failures).toEqual([expect.stringMatching(/^no log is written to .*: no such file or directory$/)]);
  const full = open({ path: '/dev/full' });
  for (let i = 0; i < 3; i++) full.log('info', 'lost');
  full.close();
  expect(failures[1]).toMatch(/no space left on device$/);
  expect(failures).toHaveLength(2);
});

it('does not wait for the reader of a pipe', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  open({ path: pipe }).log('info', 'lost');
  expect(failures).toHaveLength(1);
});

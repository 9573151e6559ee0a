import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { printable } from '../output/printable.js';
import { systemReason } from '../output/system-errors.js';
import { type Facts, logLine } from './log-line.js';

/** From the most to the least talkative. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A log of a run, for whoever has to find out later what happened. It never throws and never waits: what it cannot write is
 * lost, and the recording goes on.
 */
export interface Logger {
  /** @param event a few fixed words; what differs from one time to the next belongs in the facts */
  log(level: LogLevel, event: string, facts?: Facts): void;
  /** Says what was left out, and closes the file. */
  close(): void;
}

export const SILENT: Logger = { log() {}, close() {} };

export interface LogOptions {
  /** Appended to. Without one the log is silent. */
  readonly path: string | undefined;
  /** Lines of a lower level are left out. Default `info`. */
  readonly level?: LogLevel | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Told once if the log cannot be written, with a sentence for the user. */
  readonly onFailure: (sentence: string) => void;
  /** The time in milliseconds since 1970. */
  readonly now?: () => number;
}

/** An event may be logged so often in so many milliseconds; beyond that it is only counted. */
const BURST = 10;
const BURST_MS = 10_000;

interface Repeats {
  since: number;
  times: number;
}

/** Opens a log. With any value in `AUSTIN_NO_LOGGING` it is silent. */
export function openLog(options: LogOptions): Logger {
  const { path, level = 'info', env = process.env, onFailure, now = Date.now } = options;
  if (path === undefined || env.AUSTIN_NO_LOGGING) return SILENT;
  const file = openLogFile(path, onFailure);
  const least = LOG_LEVELS.indexOf(level);
  const repeats = new Map<string, Repeats>();
  const endBurst = (at: LogLevel, event: string, { times }: Repeats): void => {
    if (times > BURST) file.write(logLine(now(), at, 'repeated', { event, times: times - BURST }));
  };
  return {
    log(at, event, facts = {}) {
      if (LOG_LEVELS.indexOf(at) < least) return;
      const time = now();
      const key = `${at} ${event}`;
      let burst = repeats.get(key) ?? { since: time, times: 0 };
      if (time - burst.since >= BURST_MS) {
        endBurst(at, event, burst);
        burst = { since: time, times: 0 };
      }
      repeats.set(key, burst);
      if (++burst.times <= BURST) file.write(logLine(time, at, event, facts));
    },
    close() {
      for (const [key, burst] of repeats) {
        const [at, ...event] = key.split(' ');
        endBurst(at as LogLevel, event.join(' '), burst);
      }
      repeats.clear();
      file.close();
    },
  };
}

interface LogFile {
  write(text: string): void;
  close(): void;
}

function openLogFile(path: string, onFailure: (sentence: string) => void): LogFile {
  let fd: number | undefined;
  const close = (): void => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return; // a pipe that nobody empties
      close();
      onFailure(`no log is written to ${printable(path)}: ${systemReason(error)}`);
    }
  };
  attempt(() => {
    // A pipe is not waited for, neither for its reader to come nor to read.
    const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK } = constants;
    fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o666);
  });
  return {
    write: (text) => {
      const to = fd;
      if (to !== undefined) attempt(() => writeSync(to, text));
    },
    close,
  };
}

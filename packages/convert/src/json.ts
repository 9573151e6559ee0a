import { AustinError, type Diagnostic } from '@austin-profiler/profile';
import { visit } from 'jsonc-parser';
import type { ReadOptions } from './format.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface ReadJson {
  readonly value: unknown;
  /** Where the text ended too early or was damaged: `value` is what came before. */
  readonly damage?: Diagnostic;
}

/**
 * Reads a JSON text. Of one that was cut or damaged, all values that are complete before the damage are kept, and
 * the arrays and objects around them closed: a number at the very end may have lost digits, and is not kept.
 *
 * @throws AustinError ERR_JSON_INVALID with the byte offset, in strict mode or when nothing comes before the damage;
 * ERR_JSON_TOO_LARGE when the text is longer than the engine's longest string
 *
 * @param options `mayStayOpen`: an array whose bracket is missing behind a whole item is not damaged
 */
export async function readJson(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadOptions & { readonly mayStayOpen?: boolean },
): Promise<ReadJson> {
  const text = await readText(chunks);
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (cause) {
    const { at, prefix, isOpenArray } = soundPrefix(text);
    if (options.mayStayOpen && isOpenArray) return { value: JSON.parse(prefix!) as unknown };
    const offset = new TextEncoder().encode(text.slice(0, at)).length;
    const what = at >= text.length ? 'ends too early' : 'is damaged';
    if (options.strict || prefix === undefined) {
      throw new AustinError('ERR_JSON_INVALID', `The JSON ${what} at byte ${offset}.`, {
        kind: 'data',
        offset,
        hint: 'What comes before the damage can be read without `strict`, if it is enough to make sense.',
        cause,
      });
    }
    const message = `the JSON ${what} at byte ${offset}: what comes after is lost`;
    return {
      value: JSON.parse(prefix) as unknown,
      damage: { code: 'ERR_JSON_INVALID', message, offset, count: 1 },
    };
  }
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    return text + decoder.decode();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new AustinError(
      'ERR_JSON_TOO_LARGE',
      'The JSON is longer than the longest text JavaScript can hold.',
      {
        kind: 'data',
        hint: 'Record for a shorter time, or convert it with the program that made it to pprof or collapsed text.',
        cause,
      },
    );
  }
}

/** Finds the first damage of a text that is not JSON, and the longest start of it that can be closed to be JSON. */
function soundPrefix(text: string): { at: number; prefix: string | undefined; isOpenArray?: boolean } {
  const open: string[] = [];
  let at: number | undefined;
  let end = 0;
  const complete = (offset: number): void => {
    if (at === undefined) end = offset;
  };
  const opened = (closer: string, offset: number): void => {
    if (at !== undefined) return;
    open.push(closer);
    complete(offset + 1);
  };
  const closed = (offset: number, length: number): void => {
    // A bracket that is missing is said to close where the text ends, with no length.
    if (at !== undefined || length === 0) return;
    open.pop();
    complete(offset + 1);
  };
  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => opened('}', offset),
        onArrayBegin: (offset) => opened(']', offset),
        onObjectEnd: closed,
        onArrayEnd: closed,
        // A value is known to be whole when something comes after it.
        onSeparator: (character, offset) => {
          if (character === ',') complete(offset);
        },
        onError: (_, offset, length) => {
          at ??= offset + length >= text.length ? text.length : offset;
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    // Nested deeper than the stack of the engine: no profile is.
    if (!(error instanceof RangeError)) throw error;
    return { at: at ?? end, prefix: undefined };
  }
  const prefix = end === 0 ? undefined : text.slice(0, end) + open.reverse().join('');
  const isOpenArray = open.join('') === ']' && /^[\s,]*$/.test(text.slice(end));
  return { at: at ?? text.length, prefix, isOpenArray };
}

/** The value as an object; an empty one if it is none. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The value as an array; an empty one if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The value as a finite number, or undefined. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The value as a whole number that is exact, such as an id; undefined if it is none. */
export function wholeOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** The value as text; empty if it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A line, column or count: a whole number from 0 that a profile has room for; 0 for all else. */
export function positionOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && value < 0xffffffff ? Math.floor(value) : 0;
}

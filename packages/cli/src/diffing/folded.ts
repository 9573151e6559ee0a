import { collapsedFrameText, NO_FRAMES } from '@austin-profiler/convert';
import type { StackDifferences } from '@austin-profiler/profile';

/**
 * Lines of folded stacks with numbers behind them, in the order of the stacks.
 *
 * @param numbers of a stack; null leaves it out
 */
export function* foldedLines(
  { tables, stacks }: StackDifferences,
  numbers: (before: number, after: number) => string | null,
): Generator<string> {
  const frames: string[] = [];
  for (const { stack, before, after } of stacks) {
    const text = numbers(before, after);
    if (text === null) continue;
    const names = tables.stackFrames(stack).map((frame) => {
      frames[frame] ??= collapsedFrameText(tables.frameInfo(frame));
      return frames[frame];
    });
    yield `${names.join(';') || NO_FRAMES} ${text}\n`;
  }
}

/** Chunks are about this long. */
const CHUNK_CHARACTERS = 1 << 16;

/** Lines as bytes, many in a chunk. */
export function* lineChunks(lines: Iterable<string>): Generator<Uint8Array> {
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

import type { Piece, StreamingWriter } from './format.js';

/** The reader gets its input in pieces of at most this many bytes: they may give rise to a hundred times as much output. */
const TURN_BYTES = 1 << 16;

/**
 * Lets a reader and whoever takes the output run by turns: after each piece of input the reader waits until what it gave rise to
 * has been taken. Memory is then that of one turn, however fast the input comes.
 *
 * @param read reads all of the input it gets into `writer`
 */
export async function* interleave(
  chunks: AsyncIterable<Uint8Array>,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  writer: Pick<StreamingWriter, 'take' | 'waiting'>,
): AsyncIterable<Piece> {
  let wakeTaker: () => void = () => {};
  let wakeReader: (goOn: boolean) => void = () => {};

  const pieceWasRead = (): Promise<boolean> => {
    const turn = new Promise<boolean>((resolve) => {
      wakeReader = resolve;
    });
    wakeTaker();
    return turn;
  };
  async function* byTurns(): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += TURN_BYTES) {
        yield chunk.subarray(at, at + TURN_BYTES);
        // Whoever takes the output may leave before its end: then there is nothing more to read.
        if (writer.waiting > 0 && !(await pieceWasRead())) return;
      }
    }
  }

  let isOver = false;
  const nextTurn = (): Promise<void> =>
    new Promise((resolve) => {
      wakeTaker = resolve;
    });
  let turn = nextTurn();
  const reading = read(byTurns()).finally(() => {
    isOver = true;
    wakeTaker();
  });
  // Whoever leaves early does not hear of errors; the last line of the loop tells all others.
  reading.catch(() => {});
  try {
    while (!isOver) {
      await turn;
      turn = nextTurn();
      yield* writer.take();
      wakeReader(true);
    }
    await reading;
  } finally {
    wakeReader(false);
    await reading.catch(() => {});
  }
}

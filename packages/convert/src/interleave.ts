import type { Piece, StreamingWriter } from './format.js';

/**
 * Lets a reader and whoever takes the output run by turns: after each chunk the reader waits until what it gave rise to has
 * been taken. Memory is then that of one chunk, however fast the input comes.
 *
 * @param read reads all of the input it gets into `writer`
 */
export async function* interleave(
  chunks: AsyncIterable<Uint8Array>,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  writer: Pick<StreamingWriter, 'take'>,
): AsyncIterable<Piece> {
  let wakeTaker: () => void = () => {};
  let wakeReader: (goOn: boolean) => void = () => {};

  const chunkWasRead = (): Promise<boolean> => {
    const turn = new Promise<boolean>((resolve) => {
      wakeReader = resolve;
    });
    wakeTaker();
    return turn;
  };
  async function* byTurns(): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      // Whoever takes the output may leave before its end: then there is nothing more to read.
      if (!(await chunkWasRead())) return;
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

import { expect, it } from 'vitest';
import { createScreen } from './screen.js';

it('draws from the top, erases what was there, and gives the first screen back', async () => {
  let written = '';
  let rows = 10;
  const screen = createScreen(
    async (text) => {
      written += text;
    },
    () => rows,
  );
  await screen.leave();
  expect(written).toBe('');
  await screen.draw('one\ntwo');
  expect(written).toBe('\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J');
  written = '';
  rows = 3;
  await screen.draw('1\n2\n3\n4\n5');
  expect(written).toBe('\x1b[H1\x1b[K\r\n2\x1b[K\r\n… 3 more lines\x1b[K\x1b[J');
  written = '';
  await screen.leave();
  await screen.leave();
  expect(written).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l');
});

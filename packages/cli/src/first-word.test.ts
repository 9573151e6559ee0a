import { expect, it } from 'vitest';
import { classicUsage } from './first-word.js';

it.each([
  [['python3', 'my app.py'], '`python3` is not a command of austin', "austin record -- python3 'my app.py'"],
  [['-i', '1ms', 'x'], '`-i` is not an option of austin', 'austin record -i 1ms x'],
  [['-w', '12'], '`-w` is not an option of austin', 'austin where 12'],
])('%j names the line to type', (words, message, line) => {
  expect(classicUsage(words)).toMatchObject({
    message,
    kind: 'usage',
    hint: `type instead: ${line}`,
  });
});

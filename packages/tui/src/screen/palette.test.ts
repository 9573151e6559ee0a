import { describe, expect, it } from 'vitest';
import { colourDepth } from './colour-depth.js';
import { palette } from './palette.js';
import { Style } from './styles.js';

describe('how many colours', () => {
  it.each([
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'tmux-256color', COLORTERM: 'truecolor' }, 'true'],
    [{ TERM: 'xterm-direct' }, 'true'],
    [{ TERM: 'screen' }, '16'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    [{}, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
  ] as const)('%o: %s', (env, depth) => {
    expect(colourDepth(env)).toBe(depth);
  });
});

describe('a palette', () => {
  it('has only colours that the terminal has', () => {
    expect(palette('none').join('')).not.toMatch(/[34]8;|[;[](?:3|4|9|10)[0-7][;m]/);
    expect(palette('16').join('')).not.toMatch(/[34]8;/);
    expect(palette('256').join('')).not.toMatch(/[34]8;2;/);
    expect(palette('256').join('')).toMatch(/38;5;\d+/);
    expect(palette('true').join('')).toMatch(/48;2;\d+;\d+;\d+/);
  });

  it('shows the chosen row without colours, too', () => {
    expect(palette('none')[Style.Selected]).toBe('\u001b[0;7m');
    expect(palette('none')[Style.Plain]).toBe('\u001b[0m');
  });
});

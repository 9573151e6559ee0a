import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputEvent, InputParser } from './input-parser.js';

const ESC = '\u001b';

function keys(events: readonly InputEvent[]): string[] {
  return events.map((event) => (event.type === 'key' ? event.key : `${event.action} ${event.x},${event.y}`));
}

function parsed(text: string): string[] {
  const parser = new InputParser();
  return keys([...parser.push(text), ...parser.flush()]);
}

describe('keys', () => {
  it.each([
    ['q', ['q']],
    ['é関😀', ['é', '関', '😀']],
    ['\r\n\t\u007f\b', ['enter', 'enter', 'tab', 'backspace', 'backspace']],
    ['\u0003\u000c\u001a', ['ctrl-c', 'ctrl-l', 'ctrl-z']],
    ['\u0000\u0001', []],
    [`${ESC}[A${ESC}[B${ESC}[C${ESC}[D`, ['up', 'down', 'right', 'left']],
    [`${ESC}OA${ESC}OF`, ['up', 'end']],
    [`${ESC}[1;5A${ESC}[1;2H`, ['up', 'home']],
    [`${ESC}[5~${ESC}[6~${ESC}[1~${ESC}[4~${ESC}[3~`, ['page-up', 'page-down', 'home', 'end', 'delete']],
    [`${ESC}[Z`, ['shift-tab']],
    [ESC, ['escape']],
    [`${ESC}q`, ['escape', 'q']],
    [`${ESC}${ESC}[A`, ['escape', 'up']],
    // What is not known: focus, a function key, an answer of the terminal.
    [`${ESC}[I${ESC}[15~${ESC}OP${ESC}[?62;c x`, [' ', 'x']],
    [`${ESC}[`, []],
  ])('%j', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

describe('the mouse', () => {
  it.each([
    [`${ESC}[<0;10;5M${ESC}[<0;10;5m`, ['press 9,4']],
    [`${ESC}[<64;1;1M${ESC}[<65;80;24M`, ['wheel-up 0,0', 'wheel-down 79,23']],
    [`${ESC}[<16;3;4M`, ['press 2,3']], // with Ctrl
    [`${ESC}[<2;3;4M${ESC}[<35;3;4M${ESC}[<0;0;4M${ESC}[<M`, []],
  ])('%j', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });
});

it('what is pasted presses no keys', () => {
  expect(parsed(`a${ESC}[200~q${ESC}[Aquit\n${ESC}[201~b`)).toEqual(['a', 'b']);
  expect(parsed(`${ESC}[200~never ends`)).toEqual([]);
});

it('input may be cut anywhere', () => {
  const piece = fc.constantFrom(
    'q',
    ESC,
    `${ESC}[A`,
    `${ESC}[<0;10;5M`,
    `${ESC}[200~q${ESC}[201~`,
    '関',
    `${ESC}[5~`,
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat()), (pieces, cuts) => {
      const text = pieces.join('');
      const parser = new InputParser();
      const events: InputEvent[] = [];
      let from = 0;
      for (const cut of cuts.map((at) => at % (text.length + 1)).sort((a, b) => a - b)) {
        events.push(...parser.push(text.slice(from, cut)));
        from = cut;
      }
      events.push(...parser.push(text.slice(from)), ...parser.flush());
      expect(keys(events)).toEqual(parsed(text));
    }),
  );
});

it('what never ends is not kept', () => {
  const parser = new InputParser();
  parser.push(`${ESC}[${'1'.repeat(10_000)}`);
  expect(parser.isPending).toBe(false);
});

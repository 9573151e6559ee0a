import { SampleFlag } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { Drawn, FACTS } from '../testing/drawn.js';
import { liveScene } from '../testing/live-scene.js';
import { Style } from './screen/styles.js';

/** `main` calls `parse` of a library, which calls back, and `work`, by and by in two threads. */
function program() {
  const scene = liveScene();
  scene.add('main:3 work:10', 60);
  scene.add('main:3 work:12', 10);
  scene.add('main:4 /usr/lib/python3.12/json/__init__.py!loads:9 hook:20', 20);
  scene.add('main:4 /usr/lib/python3.12/json/__init__.py!loads:9', 10);
  scene.add('serve:7', 100, { tid: 'b' });
  return scene;
}

function drawn(options: ConstructorParameters<typeof Drawn>[1] = {}): Drawn {
  return new Drawn(program().live, options);
}

describe('the functions', () => {
  it('have self and total, each with its share and how sure that is', () => {
    const { body, rows } = drawn();
    expect(rows[4]).toMatch(/^ +self ▼ 95 % +total 95 % +function {2}file$/);
    expect(body).toHaveLength(5);
    expect(body[0]).toMatch(/^ +100 ms {2}50\.0 % ±6\.9 +100 ms {2}50\.0 % ±6\.9 {3}serve {2}app\.py$/);
    expect(body[1]).toMatch(/^ +70 ms {2}35\.0 % ±6\.\d +70 ms {2}35\.0 % ±6\.\d {3}work {2}app\.py$/);
    expect(body.at(-1)).toMatch(/^ +0 +100 ms {2}50\.0 % ±6\.9 {3}main {2}app\.py$/);
  });

  it('can be sorted by each column, either way round', () => {
    const view = drawn();
    const names = (): string[] => view.body.map((row) => /(\S+) {2}\S+$/.exec(row)![1]!);
    expect(names()).toEqual(['serve', 'work', 'hook', 'loads', 'main']);
    expect(view.press('O') && names()).toEqual(['main', 'loads', 'hook', 'work', 'serve']);
    expect(view.press('o') && names()).toEqual(['serve', 'main', 'work', 'loads', 'hook']);
    expect(view.press('o') && names()).toEqual(['hook', 'loads', 'main', 'serve', 'work']);
    expect(view.press('o') && names()[0]).toBe('loads');
    expect(view.clickOn('function') && names()).toEqual(['hook', 'loads', 'main', 'serve', 'work']);
    expect(view.clickOn('function') && names()[0]).toBe('work');
  });

  it('can be searched while one types', () => {
    const view = drawn().press('/', 'o', 'r');
    expect(view.rows.at(-1)).toMatch(/^search: or▏/);
    expect(view.body.map((row) => row.slice(-12).trim())).toEqual(['work  app.py']);
    expect(view.press('backspace').body).toHaveLength(3);
    expect(view.press('x', 'x').body).toEqual(['nothing found']);
    expect(view.press('escape').body).toHaveLength(5);
    expect(view.press('/', 'J', 'S', 'O', 'N', 'enter').body).toHaveLength(1);
    expect(view.rows[3]).toMatch(/\/JSON {2}wall time$/);
    expect(view.press('escape').body).toHaveLength(5);
  });

  it('show their own code only', () => {
    const view = drawn().press('m');
    expect(view.rows[3]).toContain('own code');
    expect(view.rows.join('\n')).not.toContain('loads');
    // What the library took by itself counts for its caller.
    expect(view.body.find((row) => row.includes('main'))).toMatch(/^ +10 ms +5\.0 %/);
  });

  it('keep the cursor on a function that changes its place', () => {
    const scene = program();
    const view = new Drawn(scene.live).press('down', 'down');
    expect(chosenRow(view)).toContain('hook');
    scene.add('main hook', 1000);
    view.refresh();
    expect(view.body[0]).toContain('hook');
    expect(chosenRow(view)).toContain('hook');
  });

  it('survive what nobody should call a function', () => {
    const scene = liveScene();
    const names = [
      '\u001b]0;owned\u0007',
      'a\nb',
      '</script>',
      '\u202egnp',
      '\ud800',
      'x'.repeat(1 << 16),
      '関数',
      '',
    ];
    for (const [index, name] of names.entries()) scene.add(`f${index}.py!${name}`);
    const { rows } = new Drawn(scene.live);
    expect(rows.join('')).not.toMatch(/[\p{Cc}\u202e\ud800]/u);
    expect(rows.join('\n')).toContain('\\u001b]0;owned\\u0007');
    expect(rows.join('\n')).toContain('<unnamed>');
  });
});

/** The row of the cursor. */
function chosenRow(view: Drawn): string {
  const { row, top } = view.state.cursors[view.state.view];
  return view.rows[5 + row - top]!;
}

describe('the stacks', () => {
  it('of all threads, with the active frame marked', () => {
    const view = drawn().press('2');
    expect(view.body).toEqual([
      expect.stringMatching(/^thread 10$/),
      expect.stringMatching(/^ +0 +100 ms +100 % .* {4}main {2}app\.py:4$/),
      expect.stringMatching(/^ +10 ms +10\.0 % .*▶ loads {2}.*\/json\/__init__\.py:9$/),
      expect.stringMatching(/^thread 11$/),
      expect.stringMatching(/▶ serve {2}app\.py:7$/),
    ]);
    expect(view.press('right') && chosenRow(view)).toMatch(/^thread 11/);
    expect(view.press('left') && chosenRow(view)).toMatch(/^thread 10/);
  });

  it('say what a thread does', () => {
    const scene = liveScene('full');
    scene.add('wait', 1, { flags: SampleFlag.Idle });
    scene.add('collect', 1, { tid: 'b', flags: SampleFlag.Gc | SampleFlag.Invalid });
    const { body } = new Drawn(scene.live).press('2');
    expect(body[0]).toMatch(/idle$/);
    expect(body[2]).toMatch(/collecting garbage, not read whole$/);
  });
});

describe('the tree', () => {
  it('has threads, and below them who calls whom; nodes open and close', () => {
    const view = drawn().press('3');
    const tree = (): string[] => view.body.map((row) => row.slice(49).replace(/ {2}\S+$/, ''));
    expect(tree()).toEqual([
      '▾ thread 10',
      '  ▾ main',
      '      work',
      '    ▾ loads',
      '        hook',
      '▾ thread 11',
      '    serve',
    ]);
    expect(view.press('down', 'left') && tree()).toEqual([
      '▾ thread 10',
      '  ▸ main',
      '▾ thread 11',
      '    serve',
    ]);
    expect(view.press('left') && chosenRow(view)).toContain('thread 10');
    expect(view.press('down', 'right') && tree()).toHaveLength(7);
    expect(view.press('right') && chosenRow(view)).toContain('work');
    expect(view.press('up', 'enter') && tree()).toHaveLength(4);
    expect(view.press('enter') && tree()).toHaveLength(7);
  });

  it('takes ten thousand calls in each other', () => {
    const scene = liveScene();
    scene.add('again '.repeat(10_000), 2);
    const view = new Drawn(scene.live).press('3', 'end');
    expect(view.body.at(-1)).toMatch(/10000 {3}again/);
    expect(view.press('4').body.length).toBeGreaterThan(10);
  });
});

describe('the flame graph', () => {
  it('has a width for each share', () => {
    const view = drawn({ size: { columns: 80, rows: 20 } }).press('4');
    expect(view.body[0]).toMatch(/^ all threads {2}100 % 200 ms/);
    expect(view.body[1]!.indexOf('thread 11')).toBe(41);
    expect(view.body[2]!.indexOf('serve')).toBe(41);
    expect(view.body[3]!.indexOf('loads')).toBe(29);
    expect(view.body[4]!.indexOf('hook')).toBe(29);
  });

  it('can be walked through, and widened', () => {
    const view = drawn({ size: { columns: 80, rows: 20 } }).press('4');
    view.press('down', 'down', 'down', 'right', 'enter');
    expect(view.body[3]).toMatch(/^ loads/);
    expect(view.body[4]).toMatch(/^ hook .*10\.0 %/);
    expect(view.press('backspace').body[3]!.indexOf('loads')).toBe(29);
    expect(view.clickOn('serve') && view.press('l').state.view).toBe('lines');
  });
});

describe('the lines', () => {
  const text = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\n');

  it('of a function stand in its file', () => {
    const view = drawn({ read: () => ({ text }) }).press('down', 'enter');
    expect(view.state.view).toBe('lines');
    expect(view.rows[4]).toContain('work app.py');
    expect(chosenRow(view).trim()).toMatch(/^60 ms {2}30\.0 %.*10 {2}line 10$/);
    expect(view.rows.find((row) => row.endsWith('12  line 12'))).toMatch(/^ +10 ms/);
    expect(view.press('end') && chosenRow(view).trim()).toBe('30  line 30');
  });

  it('are those that were seen where there is no file', () => {
    const view = drawn().press('down', 'enter');
    expect(view.rows[4]).toContain('no source: no such file');
    expect(view.body.map((row) => row.slice(48).trim())).toEqual([
      '3  work',
      '4  work',
      '7  work',
      '10  work',
      '12  work',
      '20  work',
    ]);
  });

  it('need a function', () => {
    expect(drawn().press('5').body).toEqual(['choose a function first: Enter on it shows its lines']);
  });
});

describe('what is shown', () => {
  it('is chosen from lists', () => {
    const view = drawn().press('t');
    expect(view.rows.join('\n')).toMatch(/ show .*\n.* all threads\n.* 10\n.* 11\n/);
    view.press('down', 'down', 'enter');
    expect(view.rows[3]).toMatch(/thread 11 {2}wall time$/);
    expect(view.body).toHaveLength(1);
    expect(view.press('t', 'home', 'enter').body).toHaveLength(5);
    expect(view.press('p').clickOn('process 1').rows[3]).toMatch(/process 1 {2}wall time$/);
    expect(view.press('t', 'escape').state.overlay).toBeNull();
  });

  it('is by the metric that the recording has', () => {
    const scene = liveScene('full');
    scene.add('run');
    scene.add('wait', 3, { flags: SampleFlag.Idle });
    const view = new Drawn(scene.live);
    expect(view.rows[3]).toMatch(/CPU time$/);
    expect(view.body).toHaveLength(1);
    expect(view.press('w').rows[3]).toMatch(/wall time$/);
    expect(view.body).toHaveLength(2);
    expect(view.press('w', 'w').rows[3]).toMatch(/memory given back$/);
    expect(view.press('w').rows[3]).toMatch(/CPU time$/);
  });

  it('is the time with the interpreter lock too, where that was recorded', () => {
    const scene = liveScene('wall');
    scene.live.addMetadata('x-gil-holders', 'on');
    scene.add('serve work', 1, { flags: SampleFlag.HoldsGil });
    scene.add('wait', 3, { tid: 'b' });
    const view = new Drawn(scene.live);
    expect(view.body).toHaveLength(3);
    expect(view.press('w').rows[3]).toMatch(/GIL time$/);
    expect(view.body[0]).toMatch(/100 % .*100 % .* work/);
    expect(view.body).toHaveLength(2);
    expect(view.press('w').rows[3]).toMatch(/wall time$/);
    expect(view.rows[2]).toMatch(/GIL 10$/);
    expect(view.press('2').rows.join('\n')).toContain('thread 10  holds the GIL');
  });

  it('is only the time with the lock where only its holders were sampled', () => {
    const scene = liveScene('wall');
    for (const key of ['x-gil-holders', 'x-gil-only']) scene.live.addMetadata(key, 'on');
    scene.add('work', 1, { flags: SampleFlag.HoldsGil });
    const view = new Drawn(scene.live);
    expect(view.rows[3]).toMatch(/GIL time$/);
    expect(view.press('w').rows.at(-1)).toMatch(/^nothing else was recorded/);
  });

  it('leaves out what is below the threshold', () => {
    const scene = liveScene();
    scene.add('serve hot', 97);
    scene.add('serve cold', 3);
    const view = new Drawn(scene.live, { state: { threshold: 3 } });
    expect(view.body).toHaveLength(3);
    expect(view.press('+').rows[3]).toMatch(/≥ 4 % {2}wall time$/);
    expect(view.body).toHaveLength(2);
    expect(view.press('3').body.join('\n')).not.toContain('cold');
    expect(view.press('-').body.join('\n')).toContain('cold');
    expect(new Drawn(scene.live, { state: { threshold: 100 } }).press('+').state.threshold).toBe(100);
    expect(view.press('-', '-', '-', '-').state.threshold).toBe(0);
  });

  it('is the tree or the flame graph with the keys of Austin TUI', () => {
    const view = drawn();
    expect(view.press('f').state.view).toBe('tree');
    expect(view.press('g').state.view).toBe('flame');
    expect(view.press('g').state.view).toBe('stacks');
    expect(view.press('f', 'f').state.view).toBe('stacks');
  });

  it('leaves out frames of stacks too in the manner of Austin TUI', () => {
    const scene = liveScene();
    scene.add('serve hot', 97);
    scene.add('serve cold', 3);
    const state = { view: 'stacks', threshold: 4 } as const;
    expect(new Drawn(scene.live, { state }).body).toHaveLength(3);
    const view = new Drawn(scene.live, { state, isClassic: true });
    expect(view.body.join('\n')).not.toContain('cold');
    expect(view.press('-').body.join('\n')).toContain('cold');
  });

  it('of one process among several says which', () => {
    const scene = program();
    scene.add('child', 5, { pid: 2 });
    const view = new Drawn(scene.live);
    expect(view.rows[1]).toContain('2 processes');
    expect(view.press('t').rows.join('\n')).toContain('process 2, 10');
    expect(view.press('escape', 'p', 'end', 'enter').body).toHaveLength(1);
  });
});

describe('the head', () => {
  it('tells of the process and of the recording', () => {
    const scene = program();
    scene.add('lost', 10, { flags: SampleFlag.Invalid });
    const facts = {
      ...FACTS,
      seconds: 65,
      cpuShare: 0.984,
      memoryBytes: 50 << 20,
      askedHertz: 1000,
      gotHertz: 998.3,
      isGilOnly: true,
      marksGc: true,
    };
    const { rows } = new Drawn(scene.live, { facts });
    expect(rows[0]).toMatch(/^austin top {2}python3 app\.py +● live$/);
    expect(rows[1]).toBe('pid 1  Python 3.12.1  up 1:05  CPU 98 %  mem 50 MiB  2 threads');
    expect(rows[2]).toBe('210 samples  1,000 Hz asked  998 Hz got  invalid 4.8 %  GC 0 %  GIL 10');
  });

  it('tells who holds the interpreter lock only of one process', () => {
    const scene = program();
    scene.add('child', 1, { tid: 'c', pid: 2 });
    const view = new Drawn(scene.live, { facts: { ...FACTS, isGilOnly: true } });
    expect(view.rows[2]).not.toContain('GIL');
    expect(view.press('p', 'down', 'enter').rows[2]).toMatch(/GIL 11$/);
    expect(view.press('p', 'end', 'enter').rows[2]).toMatch(/GIL 12$/);
  });

  it('tells when it is paused, and how it ended', () => {
    expect(drawn().press(' ').rows[0]).toMatch(/❚❚ paused$/);
    const facts = { ...FACTS, phase: 'ended', note: 'the program has ended' } as const;
    expect(drawn({ facts }).rows[0]).toMatch(/■ the program has ended$/);
  });

  it('tells how far a recording has been played', () => {
    const playing = { isPlaying: true, positionUs: 12.4e6, durationUs: 61e6, speed: 0.5 };
    const view = drawn({ facts: { ...FACTS, playing }, canPlay: true });
    expect(view.rows[0]).toMatch(/▶ 0:12 of 1:01 {2}×0\.5$/);
    expect(view.rows.at(-1)).toMatch(/space pause {2}\[ back {2}\] on {2}< slower {2}> faster {2}b begin/);
    const paused = drawn({ facts: { ...FACTS, playing: { ...playing, isPlaying: false } }, canPlay: true });
    expect(paused.rows[0]).toMatch(/❚❚ 0:12 of 1:01 {2}×0\.5$/);
    expect(paused.rows.at(-1)).toContain('space play');
  });

  it('has something to say before there is anything to show', () => {
    const facts = { title: 'app', phase: 'waiting', note: 'waiting for Python' } as const;
    const view = new Drawn(liveScene().live, { facts });
    for (const key of ['1', '2', '3', '4', '5', 'enter', 'up', 'down', 'left', 'right', 't', 'escape', 'p']) {
      expect(view.press(key).rows[0]).toMatch(/… waiting for Python$/);
    }
    expect(view.press('escape', '1').body).toEqual(['no sample yet']);
  });
});

describe('the screen', () => {
  it('may be as small as 60 x 12, and says so below', () => {
    const view = drawn({ size: { columns: 60, rows: 12 } });
    for (const key of ['1', '2', '3', '4', '5', '?', 'escape', 's']) {
      view.press(key);
      expect(view.rows).toHaveLength(12);
      for (const row of view.rows) expect(row.length).toBeLessThanOrEqual(60);
    }
    expect(view.press('escape', '1').body[0]).toMatch(/^ +50\.0 % ±6\.9 +50\.0 % ±6\.9 {3}serve {2}app\.py$/);
    expect(view.resize(59, 12).rows[0]).toBe('59 x 12 is too small');
    expect(view.resize(60, 11).rows[1]).toBe('60 x 12 is enough');
    expect(view.resize(200, 60).body).toHaveLength(5);
  });

  it('scrolls', () => {
    const scene = liveScene();
    for (let i = 0; i < 100; i++) scene.add(`f${String(i).padStart(2, '0')}`, 200 - i);
    const view = new Drawn(scene.live, { size: { columns: 80, rows: 16 } });
    expect(view.body).toHaveLength(10);
    expect(view.press('page-down') && chosenRow(view)).toContain('f09');
    expect(view.press('down') && view.body[0]).toContain('f01');
    expect(view.press('end') && view.body.at(-1)).toContain('f99');
    expect(view.press('page-up') && chosenRow(view)).toContain('f90');
    view.act({ kind: 'wheel', step: 'down' });
    expect(chosenRow(view)).toContain('f93');
    expect(view.press('home') && view.body[0]).toContain('f00');
  });

  it('explains its keys', () => {
    const view = drawn({ size: { columns: 60, rows: 12 } }).press('?');
    expect(view.rows[5]).toMatch(/^ 1 2 3 4 5, tab/);
    expect(view.press('end').rows.join('\n')).toContain('invalid:');
    expect(view.press('?').rows[4]).toMatch(/self/);
  });

  it('shows keys that can be clicked on', () => {
    const view = drawn();
    expect(view.rows.at(-1)).toMatch(/^q quit {2}\? help {2}tab view/);
    expect(view.clickOn('tab view').state.view).toBe('stacks');
    expect(view.clickOn('4 Flame').state.view).toBe('flame');
    expect(view.clickOn('space pause').state.isPaused).toBe(true);
    view.clickOn('q quit');
    expect(view.effects).toEqual([{ kind: 'quit' }]);
  });

  it('shows those of Austin TUI in its manner', () => {
    const view = drawn({ isClassic: true });
    expect(view.rows.at(-1)).toMatch(
      /^q quit {2}\? help {2}← {3}→ thread {2}f full {2}g graph {2}s save {2}\+ {3}- threshold {2}p pause/,
    );
    expect(view.clickOn('p pause').rows.at(-1)).toContain('p go on');
    view.clickOn('s save');
    expect(view.effects).toEqual([{ kind: 'save-stats' }]);
    expect(view.clickOn('→ thread').state.thread).toBe(0);
  });
});

describe('what keys ask for', () => {
  it('is told', () => {
    const view = drawn().press('r', 'ctrl-l', 'ctrl-z', 's', 'c', 's', 'enter', 'ctrl-c', 'q');
    expect(view.effects).toEqual([
      { kind: 'reset' },
      { kind: 'redraw' },
      { kind: 'suspend' },
      { kind: 'save', format: 'collapsed' },
      { kind: 'save', format: 'mojo' },
      { kind: 'quit' },
      { kind: 'quit' },
    ]);
  });

  it('is to play a recording, where there is one', () => {
    const keys = [' ', '<', ',', '>', '.', '[', ']', 'b', 'e'];
    const steps = ['toggle', 'slower', 'slower', 'faster', 'faster', 'back', 'forward', 'begin', 'end'];
    const effects = drawn({ canPlay: true }).press(...keys).effects;
    expect(effects).toEqual(steps.map((step) => ({ kind: 'play', step })));
    expect(drawn().press(...keys).effects).toEqual([]);
  });

  it('is not typed into a search', () => {
    const view = drawn().press('/', 'q', 'r', 'up', 'f1');
    expect(view.effects).toEqual([]);
    expect(view.state.prompt).toBe('qr');
  });
});

it('shows functions that are not Python in colours of their own', () => {
  const scene = liveScene();
  scene.add('main:3 /usr/lib/libz.so!deflate kernel!futex_wait', 10);
  const view = new Drawn(scene.live).press('home');
  const styleOf = (name: string) => {
    const y = view.rows.findLastIndex((row) => row.includes(name));
    return view.frame.grid.style(view.rows[y]!.indexOf(name), y);
  };
  // The row of the cursor has a style of its own: it is not this one.
  expect(styleOf('deflate')).toBe(Style.Native);
  view.press('end');
  expect(styleOf('futex_wait')).toBe(Style.Kernel);
});

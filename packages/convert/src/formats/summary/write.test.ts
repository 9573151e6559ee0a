import { SampleFlag, summarize } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { writeProfile } from '../../convert.js';
import { summaryOptions } from '../../summary.js';
import { UNNAMED } from '../../synthetic-names.js';
import { hostileProfile } from '../../testing/hostile.js';
import { inputs, readFixture } from '../../testing/inputs.js';
import { collectText } from '../../testing/io.js';
import { profileOf, py } from '../../testing/profiles.js';
import { functionTotals } from '../../testing/truth.js';
import { weightTypes } from '../../weights.js';

const shop = () =>
  profileOf({ mode: 'wall', python: '3.12.1', 'x-thread-name:1:0:1': 'Main' }, [
    ...Array.from({ length: 60 }, () => ({
      frames: [py('m.py', 'main', 1), py('m.py', 'load', 9)],
      timeUs: 1000,
    })),
    ...Array.from({ length: 40 }, () => ({ frames: [py('m.py', 'main', 2)], timeUs: 1000 })),
    { frames: [py('m.py', 'main', 2)], timeUs: 0 },
  ]);

describe('summarize', () => {
  it.each(inputs)('%s: gives functions and threads what they weigh', async (path) => {
    const profile = await readFixture(path);
    const { tables } = profile;
    for (const type of weightTypes(profile)) {
      const summary = summarize(profile, summaryOptions(profile, type));
      const keyOf = (name: string, file: string, line: number) => `${file}:${name}:${line}`;
      const got = summary.functions.map(({ fn, self, total }) => {
        const name = tables.string(tables.functionName(fn)) || UNNAMED;
        const file = tables.string(tables.functionFile(fn));
        return [keyOf(name, file, tables.functionFirstLine(fn)), { self, total }];
      });
      expect(Object.fromEntries(got)).toEqual({ ...functionTotals(profile, type, keyOf, false) });
      const ofThreads = summary.threads.reduce((sum, { total }) => sum + total, 0);
      expect(ofThreads).toBe(summary.total);
    }
  });
});

describe('the Markdown summary', () => {
  it('shows the hottest functions, lines and threads', async () => {
    const text = await collectText(writeProfile(shop(), 'markdown', { name: 'run.mojo' }));
    expect(text).toContain(
      '- **Profile:** run.mojo\n- **Python:** 3.12.1\n- **Mode:** wall\n- **Samples:** 101\n',
    );
    expect(text).toContain('## Wall time: 100 ms, by function\n');
    expect(text).toContain('| 60 ms | 60.0 % | 50.2–69.1 % | 60 ms | load | m.py |\n');
    expect(text).toContain('| 100 ms | 100 % | 96.3–100 % | 40 ms | main | m.py |\n');
    expect(text).toContain('| 40 ms | 40.0 % | 30.9–49.8 % | m.py:2 | main |\n');
    expect(text).toContain('| 100 ms | 100 % | 96.3–100 % | 1 | Main |\n');
  });

  it('says what it leaves out', async () => {
    const samples = Array.from({ length: 30 }, (_, at) => ({ frames: [py('m.py', `f${at}`, 1)], timeUs: 1 }));
    const text = await collectText(writeProfile(profileOf({ mode: 'wall' }, samples), 'markdown'));
    expect(text).toContain('\n5 more functions are left out.\n');
  });

  it('says what the samples tell beside their frames', async () => {
    const frames = [py('m.py', 'f', 1)];
    const profile = profileOf({ mode: 'wall' }, [
      { frames, timeUs: 4 },
      { frames, timeUs: 2, flags: SampleFlag.Gc },
      { frames, timeUs: 3, flags: SampleFlag.Invalid },
      { frames: [], timeUs: 1 },
    ]);
    expect(await collectText(writeProfile(profile, 'markdown'))).toContain(
      '\n10.0 % without a Python frame.\n30.0 % in stacks that could not be read whole.\n' +
        '20.0 % while the garbage collector ran.\n',
    );
  });

  it('has no markup but its own, whatever names are', async () => {
    const text = await collectText(writeProfile(hostileProfile(), 'markdown', { name: '# [x](y)' }));
    expect(text.replaceAll('<!-- -->', '')).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Surrogate}/u);
    for (const line of text.split('\n'))
      expect(line).toMatch(/^(?:- \*\*.*|## .*|\| .* \||[\d.]+ (?:%|more) .*|)$/);
    const columns = text.split('\n').filter((line) => line.startsWith('|'));
    for (const row of columns) expect([5, 6, 7]).toContain(row.match(/(?<!\\)\|/g)!.length);
  });
});

describe('the text summary', () => {
  it('aligns its columns', async () => {
    const text = await collectText(writeProfile(shop(), 'text'));
    expect(text).toContain(
      'Wall time: 100 ms, by function\n\n' +
        ' Self   Share  95 % interval   Total  Function  File\n' +
        '60 ms  60.0 %    50.2–69.1 %   60 ms  load      m.py\n' +
        '40 ms  40.0 %    30.9–49.8 %  100 ms  main      m.py\n',
    );
  });

  it('sends nothing to a terminal that moves its cursor', async () => {
    const text = await collectText(writeProfile(hostileProfile(), 'text'));
    expect(text).not.toMatch(/(?!\n)\p{Cc}|[\u202a-\u202e]|\p{Surrogate}/u);
    expect(text).toContain('\\u{1b}[31mred');
  });
});

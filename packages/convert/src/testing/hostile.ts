import { FrameKind, type Profile, SampleFlag } from '@austin-profiler/profile';
import { profileOf, type TestFrame, type TestSample } from './profiles.js';

/** Names that break formats which do not expect them. */
export const HOSTILE_NAMES: readonly string[] = [
  'a;b.c',
  'two\nlines\r\nand more',
  'tab\tbell\u0007escape\u001b[31mred',
  '</script><script>alert(1)</script>',
  `"><img src=x onerror='alert(1)'>`,
  ']]>&lt;&amp;<!--',
  'right\u202eto left\u202c',
  'lone \ud800 surrogate',
  '\udfff',
  '__proto__',
  '{"a":[1]}',
  '(1) numbered',
  'fn=(2) x',
  ' blanks around ',
  '| a | b |\n| - | - |',
  '計算 é 🐍',
  '\u2028\u2029',
  'x'.repeat(1 << 16),
];

/** A profile in full mode with each hostile name as a function, a file and a thread's name. */
export function hostileProfile(): Profile {
  const frames = HOSTILE_NAMES.map((name): TestFrame => ({ name, file: name, line: 3 }));
  const metadata: Record<string, string> = { mode: 'full', 'x-thread-ids': 'hex' };
  const samples = frames.map((frame, at): TestSample => {
    const tid = (at + 1).toString(16);
    metadata[`x-thread-name:7:0:${tid}`] = frame.name;
    const outer = { name: 'outer', file: 'm.py', line: 1, kind: FrameKind.Python };
    return { frames: [outer, frame], pid: 7, tid, timeUs: 1000 + at, memoryBytes: at % 2 === 0 ? 64 : -64 };
  });
  samples.push({ pid: 7, tid: '1', timeUs: 5, flags: SampleFlag.Invalid | SampleFlag.Gc | SampleFlag.Idle });
  return profileOf(metadata, samples);
}

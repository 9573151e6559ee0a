import {
  EMPTY_STACK,
  FrameKind,
  type Profile,
  ProfileBuilder,
  type StackId,
  type ThreadId,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import type { LookUps } from './look-ups.js';
import { resolveProfile } from './resolve-profile.js';

/** Samples as `pid frame;frame`, a frame as `file:name:line`. */
function recording(...samples: readonly string[]): Profile {
  const builder = new ProfileBuilder();
  const { tables } = builder;
  for (const [i, sample] of samples.entries()) {
    const [pid, frames] = sample.split(' ');
    let stack = EMPTY_STACK;
    for (const text of frames!.split(';')) {
      const [file, name, line] = text.split(':');
      const kinds = { native: FrameKind.Native, kernel: FrameKind.Kernel };
      const kind = kinds[file!.replace(/@.*/, '') as keyof typeof kinds] ?? FrameKind.Python;
      const fn = tables.internFunction(tables.internString(name!), tables.internString(file!), 0, kind);
      stack = tables.internStack(stack, tables.internFrame(fn, Number(line)));
    }
    const thread = tables.internThread(Number(pid), 0, '1');
    tables.setThreadName(thread, `of ${pid}`);
    builder.addSample(stack, thread, i + 1, 0, i);
  }
  builder.addMetadata('map', '1000-2000 /lib.so');
  return builder.build();
}

function shown({ tables, samples }: Profile): string[] {
  return Array.from({ length: samples.length }, (_, i) => {
    const frames = tables.stackFrames(samples.stack[i]! as StackId).map((frame) => tables.frameInfo(frame));
    const { pid } = tables.thread(samples.thread[i]! as ThreadId);
    return `${pid} ${frames.map(({ file, name, line }) => `${file}:${name}:${line}`).join(';')}`;
  });
}

/** What every call was compiled to. */
const INLINED = [
  { name: 'middle', file: 'in.h', line: 5 },
  { name: undefined, file: undefined, line: 0 },
];

/** Lines by address: `file:line` and an optional name. Addresses are offsets. */
function known(profile: Profile, places: Readonly<Record<string, string>>): LookUps {
  const find: LookUps['find'] = (pid, frame, instruction) => {
    const { file, kind } = profile.tables.frameInfo(frame);
    if (kind !== FrameKind.Native) return undefined;
    const address = Number.parseInt(file.slice('native@'.length), 16) - (instruction === 'call' ? 1 : 0);
    const place = places[`${pid}:${address.toString(16)}`];
    const [source, line, name] = place?.split(':') ?? [];
    return {
      path: '/lib.so',
      offset: BigInt(address - 0x1000),
      place:
        place === undefined
          ? undefined
          : { name, file: source || undefined, line: Number(line), inlined: INLINED },
    };
  };
  return { find, files: [], unmapped: 0, hasMaps: true };
}

describe('resolveProfile', () => {
  it('looks up where a call was made, and the instruction that ran', () => {
    const profile = recording(
      '1 native@1010:main:4;app.py:run:3;native@1020:f:8;kernel:futex:0',
      '1 native@1010:main:4',
    );
    const places = { '1:100f': 'm.c:7', '1:1010': 'm.c:8', '1:1020': 'f.c:9', '1:101f': 'f.c:1' };
    const resolved = resolveProfile(profile, known(profile, places));
    expect(shown(resolved)).toEqual(['1 m.c:main:7;app.py:run:3;f.c:f:9;kernel:futex:0', '1 m.c:main:8']);
    const { stack: _, ...columns } = profile.samples;
    expect(resolved.samples).toMatchObject(columns);
    expect(resolved.metadata).toEqual(profile.metadata);
    expect(resolved.tables.threadName(0 as ThreadId)).toBe('of 1');
  });

  it('shows what was compiled into a function where it is asked for', () => {
    const profile = recording('1 native@1010:main:4;app.py:run:3;native@1020:f:8;kernel:futex:0');
    const lookUps = known(profile, { '1:100f': 'm.c:7', '1:1020': 'f.c:9' });
    const inlined = 'in.h:middle:5;:<unknown>:0';
    expect(shown(resolveProfile(profile, lookUps, { inlines: true }))).toEqual([
      `1 m.c:main:7;${inlined};app.py:run:3;f.c:f:9;${inlined};kernel:futex:0`,
    ]);
  });

  it('keeps processes apart that have something else at one address', () => {
    const profile = recording('1 native@1010:f:4', '2 native@1010:f:4');
    const places = { '1:1010': 'a.c:1', '2:1010': 'b.c:2' };
    expect(shown(resolveProfile(profile, known(profile, places)))).toEqual(['1 a.c:f:1', '2 b.c:f:2']);
  });

  it('shows the library and the recorded address in it where no line is known', () => {
    const profile = recording('1 native@1010:f:4;native@1020:g:4');
    expect(shown(resolveProfile(profile, known(profile, { '1:1020': ':0:g' })))).toEqual([
      `1 /lib.so:f:${0x10};/lib.so:g:${0x20}`,
    ]);
  });

  it('names what the recorder did not know, or left mangled', () => {
    const profile = recording('1 native@1010:<unknown>:0;native@1020:_ZN1a1bEv:4;native@1030:<unknown>:0');
    const places = { '1:100f': 'x.c:3:found', '1:101f': ':0:a.b()' };
    expect(shown(resolveProfile(profile, known(profile, places)))).toEqual([
      '1 x.c:found:3;/lib.so:a.b():32;/lib.so:<unknown>:48',
    ]);
  });

  it('does not take the nearest symbol for the function of an address without a line', () => {
    const profile = recording('1 native@1010:<unknown>:0');
    expect(shown(resolveProfile(profile, known(profile, { '1:1010': ':0:nearest' })))).toEqual([
      '1 /lib.so:<unknown>:16',
    ]);
  });

  it('gives what Cython compiled its own names, without wrappers', () => {
    const profile = recording(
      '1 app.py:f:1;native@1010:__pyx_pw_3mod_1work:4;native@1020:__pyx_pf_3mod_work:8;native@1030:g:1',
      '1 app.py:f:1;native@1010:__pyx_pw_3mod_1work:4;native@1030:g:1',
      '1 native@1010:__pyx_pw_3mod_1work:4;native@1020:__pyx_pf_3mod_work:8',
      '1 native@1010:__pyx_pw_3mod_1work:4;native@1020:__pyx_pf_3mod_3other:8',
    );
    expect(shown(resolveProfile(profile, known(profile, {})))).toEqual([
      '1 app.py:f:1;/lib.so:mod.work:32;/lib.so:g:48',
      '1 app.py:f:1;/lib.so:mod.work:16;/lib.so:g:48',
      '1 /lib.so:mod.work:32',
      '1 /lib.so:mod.work:16;/lib.so:mod.other:32',
    ]);
  });

  it('leaves alone what is not known at all', () => {
    const profile = recording('1 native@1010:f:4;app.py:run:3', '1 app.py:run:3');
    const nothing: LookUps = { find: () => undefined, files: [], unmapped: 1, hasMaps: false };
    expect(shown(resolveProfile(profile, nothing))).toEqual(shown(profile));
  });
});

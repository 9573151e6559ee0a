import { describe, expect, it } from 'vitest';
import { MappingNotes } from './mapping-notes.js';
import { Mappings, moduleText } from './mappings.js';
import { EMPTY_STACK, FrameKind, type Mapping, ProfileTables } from './tables.js';

/** Texts are `map` entries, numbers the process of a sample. */
function after(...items: readonly (string | number)[]): Mappings {
  const mappings = new Mappings();
  for (const item of items) {
    if (typeof item === 'string') mappings.addMetadata('map', item);
    else mappings.noteSample(item);
  }
  return mappings;
}

describe('Mappings, of `map`', () => {
  it('finds the file at an address, and where its first byte is', () => {
    const mappings = after('1000-2000 /a b.so', '2000-3000 /a b.so', '5000-6000 /c.so', 1);
    const file = { path: '/a b.so', base: '1000' };
    expect(mappings.find(1, 0x1fffn)).toEqual({ ...file, start: '1000', end: '2000' });
    expect(mappings.find(1, 0x2fffn)).toEqual({ ...file, start: '2000', end: '3000' });
    expect(mappings.find(1, 0x5000n)).toMatchObject({ path: '/c.so', base: '5000' });
    expect(mappings.find(1, 0x3000n)).toBeUndefined();
    expect(mappings.find(1, 0xfffn)).toBeUndefined();
  });

  it('takes the last listing before the first sample of a process, and then the others', () => {
    const entries = ['1000-2000 /old.so', '1000-2000 /a.so', 1, '800-900 /b.so', '1000-2000 /c.so', 2, 1];
    const mappings = after(...entries);
    expect(mappings.find(1, 0x1000n)?.path).toBe('/a.so');
    expect(mappings.find(2, 0x1000n)?.path).toBe('/c.so');
    expect(mappings.find(1, 0x800n)?.path).toBe('/b.so');
    expect(mappings.find(undefined, 0x1000n)?.path).toBe('/c.so');
  });

  it('knows addresses of 64 bits, and leaves out what is no entry', () => {
    const mappings = after('ffffffffff600000-ffffffffff601000 [vsyscall]', 'x-y /a', '1-2', 1);
    expect(mappings.find(1, 0xffffffffff600123n)?.path).toBe('[vsyscall]');
    expect(after('nonsense', 1).isEmpty).toBe(true);
  });
});

describe('Mappings, of `x-module`', () => {
  const libz = {
    start: '7f0000001000',
    end: '7f0000003000',
    offset: '1000',
    bias: '7f0000000000',
    path: '/l.so',
  };
  const said = (...values: readonly unknown[]): Mappings => {
    const mappings = new Mappings();
    for (const value of values) mappings.addMetadata('x-module:7', JSON.stringify(value));
    return mappings;
  };

  it('says whose a file is, and what build', () => {
    const mappings = said({ ...libz, buildId: 'ab01' });
    expect(mappings.find(7, 0x7f0000001234n)).toEqual({
      path: '/l.so',
      start: '7f0000001000',
      end: '7f0000003000',
      base: '7f0000000000',
      bias: '7f0000000000',
      buildId: 'ab01',
    });
    expect(mappings.find(8, 0x7f0000001234n)).toBeUndefined();
  });

  it('counts more than `map`, and the later more than the earlier', () => {
    const mappings = said(libz, { ...libz, path: '/later.so' });
    mappings.addMetadata('map', '7f0000001000-7f0000003000 /map.so');
    expect(mappings.find(7, 0x7f0000001234n)?.path).toBe('/later.so');
    expect(mappings.find(8, 0x7f0000001234n)?.path).toBe('/map.so');
  });

  it.each([
    null,
    'text',
    { ...libz, start: 'xyz' },
    { ...libz, path: 5 },
    { ...libz, start: '0', offset: '1' },
  ])('leaves out what is none: %j', (value) => expect(said(value).isEmpty).toBe(true));

  it('is written as it was read', () => {
    const mapping = said({ ...libz, buildId: 'ab01' }).find(7, 0x7f0000001234n)!;
    expect(said(JSON.parse(moduleText(mapping))).find(7, 0x7f0000001234n)).toEqual(mapping);
  });
});

describe('MappingNotes', () => {
  const mapping: Mapping = { path: '/l.so', start: '1000', end: '2000', base: '1000', buildId: 'ab' };

  function tables() {
    const made = new ProfileTables();
    const fn = (name: string, file: string, kind: FrameKind) =>
      made.internFunction(made.internString(name), made.internString(file), 0, kind);
    const code = made.internCode({ address: '1234', offset: 4, mapping });
    const frames = [
      made.internFrame(fn('main', 'm.py', FrameKind.Python), 1),
      made.internFrame(fn('f', '/l.so', FrameKind.Native), 0, 0, 0, 0, code),
      made.internFrame(fn('g', '/src/g.c', FrameKind.Native), 9),
    ];
    let stack = EMPTY_STACK;
    for (const frame of frames) stack = made.internStack(stack, frame);
    return { made, stack };
  }

  it('say once for each process what is not said', () => {
    const { made, stack } = tables();
    const notes = new MappingNotes(made);
    const module = { start: '1000', end: '2000', offset: '0', buildId: 'ab', path: '/l.so' };
    expect(notes.before(1, stack).map(([key, value]) => [key, value])).toEqual([
      ['x-native-file', '/src/g.c'],
      ['x-module:1', JSON.stringify(module)],
    ]);
    expect(notes.before(1, stack)).toEqual([]);
    expect(notes.before(2, stack).map(([key]) => key)).toEqual(['x-module:2']);
  });

  it('say nothing of what metadata says', () => {
    const { made, stack } = tables();
    const notes = new MappingNotes(made);
    notes.addMetadata('x-native-file', '/src/g.c');
    notes.addMetadata('x-module:1', moduleText(mapping));
    expect(notes.before(1, stack)).toEqual([]);
  });
});

describe('places of machine code', () => {
  it.each(['0', '1f', 'ffffffff', '100000000', '7f750ced98a9', 'ffffffffff600123'])(
    '%s comes back',
    (address) => {
      const tables = new ProfileTables();
      const mapping: Mapping = { path: '/l.so', start: '0', end: 'ffffffffffffffff', base: '0' };
      const fn = tables.internFunction(
        tables.internString('f'),
        tables.internString('/l.so'),
        0,
        FrameKind.Native,
      );
      const frame = tables.internFrame(fn, 0, 0, 0, 0, tables.internCode({ address, offset: 0, mapping }));
      expect(tables.frameInfo(frame).code).toEqual({ address, offset: 0, mapping });
      const copy = new ProfileTables();
      const copied = copy.internFunction(
        copy.internString('f'),
        copy.internString('/l.so'),
        0,
        FrameKind.Native,
      );
      expect(copy.frameInfo(copy.internFrameFrom(tables, frame, copied)).code).toEqual({
        address,
        offset: 0,
        mapping,
      });
    },
  );
});

import {
  type FrameInfo,
  FrameKind,
  filterProfile,
  mergeProfiles,
  moduleText,
  type Profile,
  type StackId,
} from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { perftools } from '#pprof-messages';
import { readProfile, writeProfile } from './convert.js';
import { collect } from './testing/io.js';

const LIBZ = {
  start: '7f0000003000',
  end: '7f0000016000',
  offset: '3000',
  bias: '7f0000000000',
  buildId: '0123456789abcdef0123456789abcdef01234567',
  path: '/usr/lib/libz.so.1',
};

/** Python that calls a library that calls back, and waits in the kernel; in another process something else is there. */
const RECORDING = `# mode: wall
# x-module:1: ${JSON.stringify(LIBZ)}
P1;T0:11;native@7f0000003010:_start:16;app.py:main:3;native@7f0000004021:deflate:33;native@7f0000005000:longest_match:256 200
P1;T0:11;app.py:main:3;native@7f0000004021:deflate:33;app.py:callback:9;native@7f0000005004:read_buf:4;kernel:vfs_read:0 100
# x-module:2: ${JSON.stringify({ ...LIBZ, path: '/usr/lib/other.so', buildId: 'ff' })}
P2;T0:22;app.py:main:3;native@7f0000004021:other:1;native@99:nowhere:2 50
`;

async function recording(): Promise<Profile> {
  return await readProfile([new TextEncoder().encode(RECORDING)], { format: 'collapsed' });
}

const KINDS = ['python', 'native', 'kernel'] as const;

/** Each stack as `kind name file` of its frames, and what is asked for of each. */
function stacks(profile: Profile, more: (frame: FrameInfo) => string = () => ''): string[] {
  const { tables, samples } = profile;
  return Array.from({ length: samples.length }, (_, i) =>
    tables
      .stackFrames(samples.stack[i]! as StackId)
      .map((id) => tables.frameInfo(id))
      .map((frame) => `${KINDS[frame.kind]} ${frame.name} ${frame.file}${more(frame)}`)
      .join(' > '),
  );
}

function codeText({ code }: FrameInfo): string {
  return code ? ` ${code.address}+${code.offset} in ${code.mapping.path} ${code.mapping.buildId}` : '';
}

function mappingText({ code }: FrameInfo): string {
  return code ? ` ${moduleText(code.mapping)}` : '';
}

async function through(profile: Profile, format: string): Promise<Profile> {
  return readProfile([await collect(writeProfile(profile, format, { name: 'app' }))], { format });
}

describe('machine code of mapped files', () => {
  it('is a function of its library, at an address', async () => {
    const profile = await recording();
    expect(stacks(profile, codeText)).toEqual([
      `native _start /usr/lib/libz.so.1 7f0000003010+16 in /usr/lib/libz.so.1 ${LIBZ.buildId} > python main app.py > ` +
        `native deflate /usr/lib/libz.so.1 7f0000004021+33 in /usr/lib/libz.so.1 ${LIBZ.buildId} > ` +
        `native longest_match /usr/lib/libz.so.1 7f0000005000+256 in /usr/lib/libz.so.1 ${LIBZ.buildId}`,
      `python main app.py > native deflate /usr/lib/libz.so.1 7f0000004021+33 in /usr/lib/libz.so.1 ${LIBZ.buildId} > ` +
        `python callback app.py > native read_buf /usr/lib/libz.so.1 7f0000005004+4 in /usr/lib/libz.so.1 ${LIBZ.buildId} > ` +
        'kernel vfs_read kernel',
      'python main app.py > native other /usr/lib/other.so 7f0000004021+1 in /usr/lib/other.so ff > native nowhere native@99',
    ]);
    expect(
      profile.tables.frameInfo(profile.tables.stackFrames(profile.samples.stack[0]! as StackId)[0]!).line,
    ).toBe(0);
  });

  it.each(['mojo', 'collapsed', 'firefox'])(
    '%s: comes back with address, library and build',
    async (format) => {
      const profile = await recording();
      const again = await through(profile, format);
      expect(stacks(again, codeText)).toEqual(stacks(profile, codeText));
      expect(stacks(again, mappingText)).toEqual(stacks(profile, mappingText));
    },
  );

  it.each(['speedscope', 'pprof', 'firefox', 'trace'])('%s: comes back as what it is', async (format) => {
    const profile = await recording();
    const sorted = async (one: Profile) => stacks(one).sort();
    expect(await sorted(await through(profile, format))).toEqual(await sorted(profile));
  });

  it('pprof: has the address of calls, and gives back where they return to', async () => {
    const profile = await recording();
    const withoutOffset = (texts: string[]) => texts.map((text) => text.replace(/\+\d+ in/g, ' in'));
    const again = await through(profile, 'pprof');
    expect(withoutOffset(stacks(again, codeText))).toEqual(withoutOffset(stacks(profile, codeText)));
    // And from there to formats that have nothing but addresses.
    const mojo = await through(again, 'mojo');
    expect(withoutOffset(stacks(mojo, codeText))).toEqual(withoutOffset(stacks(profile, codeText)));
  });

  it.each(['mojo', 'collapsed'])('%s: a source file stays one of machine code', async (format) => {
    const profile = await recording();
    const { tables, samples } = profile;
    const fn = tables.internFunction(
      tables.internString('deflate'),
      tables.internString('/src/de;flate.c'),
      0,
      FrameKind.Native,
    );
    const python = tables.internFunction(tables.internString('f'), tables.internString('/src/f.c.py'));
    const stack = tables.internStack(
      tables.internStack(0 as StackId, tables.internFrame(python, 1)),
      tables.internFrame(fn, 7),
    );
    const resolved = { ...profile, samples: { ...samples, stack: samples.stack.map(() => stack) } };
    expect(stacks(await through(resolved, format))[0]).toMatch(
      /^python f \/src\/f\.c\.py > native deflate \/src\/de[;:]flate\.c$/,
    );
  });

  it('keeps all of it when profiles are filtered and merged', async () => {
    const profile = await recording();
    expect(stacks(filterProfile(profile, { fromUs: 0 }), codeText)).toEqual(stacks(profile, codeText));
    const merged = mergeProfiles([profile, await recording()], { processes: 'apart' });
    const twice = [...stacks(profile, codeText), ...stacks(profile, codeText)];
    expect(stacks(merged, codeText)).toEqual(twice);
    expect(stacks(await through(merged, 'mojo'), codeText)).toEqual(twice);
  });

  it('pprof: has a mapping for each library, with its range and build', async () => {
    const profile = await recording();
    const bytes = await collect(writeProfile(profile, 'pprof', { gzip: false, name: 'app' }));
    const message = perftools.profiles.Profile.decode(bytes);
    const text = (id: unknown) => message.stringTable[Number(id)]!;
    const hex = (value: { toString(): string } | null | undefined) =>
      BigInt(value?.toString() ?? 0).toString(16);
    const mappings = message.mapping.map((mapping) => [
      text(mapping.filename),
      hex(mapping.memoryStart),
      hex(mapping.memoryLimit),
      hex(mapping.fileOffset),
      text(mapping.buildId),
      mapping.hasFunctions,
    ]);
    expect(mappings[0]).toEqual(['app', '0', '0', '0', '', true]);
    expect(new Set(mappings.slice(1))).toEqual(
      new Set([
        ['/usr/lib/libz.so.1', '7f0000003000', '7f0000016000', '3000', LIBZ.buildId, true],
        ['/usr/lib/other.so', '7f0000003000', '7f0000016000', '3000', 'ff', true],
        ['[kernel]', '0', '0', '0', '', true],
        ['native@99', '0', '0', '0', '', true],
      ]),
    );
    // Of calls the byte before the one they return to; of what ran, or waits in the kernel, the address itself.
    const addresses = message.location
      .map(({ address }) => hex(address))
      .filter((address) => address !== '0');
    expect(new Set(addresses)).toEqual(
      new Set(['7f000000300f', '7f0000004020', '7f0000005000', '7f0000005004']),
    );
  });

  it('firefox: has the libraries, their ids, and the symbols in them', async () => {
    const profile = await recording();
    const bytes = await collect(writeProfile(profile, 'firefox', { gzip: false }));
    const { libs, shared } = JSON.parse(new TextDecoder().decode(bytes)) as {
      libs: Record<string, unknown>[];
      shared: Record<string, Record<string, (number | null)[]>> & { stringArray: string[] };
    };
    expect(libs).toEqual([
      {
        arch: '',
        name: 'libz.so.1',
        path: '/usr/lib/libz.so.1',
        debugName: 'libz.so.1',
        debugPath: '/usr/lib/libz.so.1',
        breakpadId: '67452301AB89EFCD0123456789ABCDEF0',
        codeId: LIBZ.buildId,
        mappings: [LIBZ],
      },
      expect.objectContaining({ name: 'other.so', codeId: 'ff' }),
    ]);
    const { frameTable, funcTable, nativeSymbols, resourceTable, stringArray } = shared;
    const rows = frameTable!.func!.map((fn, i) => {
      const symbol = frameTable!.nativeSymbol![i];
      const resource = funcTable!.resource![fn!]!;
      return [
        stringArray[funcTable!.name![fn!]!],
        frameTable!.address![i]!.toString(16),
        resource < 0 ? undefined : libs[resourceTable!.lib![resource]!]!.name,
        symbol === null ? undefined : nativeSymbols!.address![symbol!]!.toString(16),
      ];
    });
    expect(rows).toEqual(
      expect.arrayContaining([
        ['_start', '300f', 'libz.so.1', '3000'],
        ['deflate', '4020', 'libz.so.1', '4000'],
        ['longest_match', '5000', 'libz.so.1', '4f00'],
        ['read_buf', '5004', 'libz.so.1', '5000'],
        ['vfs_read', '-1', undefined, undefined],
        ['other', '4020', 'other.so', '4020'],
        ['nowhere', '-1', undefined, undefined],
        ['main', '-1', undefined, undefined],
      ]),
    );
  });
});

import { EMPTY_STACK, type Profile, ProfileBuilder } from '@austin-profiler/profile';
import { describe, expect, it } from 'vitest';
import { MemoryMaps } from './memory-maps.js';

/** Texts are `map` entries, numbers the process of a sample. */
function recording(...items: readonly (string | number)[]): Profile {
  const builder = new ProfileBuilder();
  for (const item of items) {
    if (typeof item === 'string') builder.addMetadata('map', item);
    else builder.addSample(EMPTY_STACK, builder.tables.internThread(item, 0, '1'), 1, 0, 0);
  }
  return builder.build();
}

describe('MemoryMaps', () => {
  it('finds the file at an address, and its lowest one', () => {
    const maps = new MemoryMaps(recording('1000-2000 /a b.so', '2000-3000 /a b.so', '5000-6000 /c.so', 1));
    expect(maps.find(1, 0x2fffn)).toEqual({ path: '/a b.so', base: 0x1000n });
    expect(maps.find(1, 0x5000n)).toEqual({ path: '/c.so', base: 0x5000n });
    expect(maps.find(1, 0x3000n)).toBeUndefined();
    expect(maps.find(1, 0xfffn)).toBeUndefined();
  });

  it('takes the last listing before the first sample of a process, and then the others', () => {
    const maps = new MemoryMaps(
      recording('1000-2000 /old.so', '1000-2000 /a.so', 1, '800-900 /b.so', '1000-2000 /c.so', 2, 1),
    );
    expect(maps.find(1, 0x1000n)?.path).toBe('/a.so');
    expect(maps.find(2, 0x1000n)?.path).toBe('/c.so');
    expect(maps.find(1, 0x800n)?.path).toBe('/b.so');
  });

  it('knows addresses of 64 bits, and leaves out what is no entry', () => {
    const maps = new MemoryMaps(
      recording('ffffffffff600000-ffffffffff601000 [vsyscall]', 'x-y /a', '1-2', 1),
    );
    expect(maps.find(1, 0xffffffffff600123n)?.path).toBe('[vsyscall]');
    expect(new MemoryMaps(recording('nonsense', 1)).isEmpty).toBe(true);
  });
});

import { readdirSync } from 'node:fs';
import type { Profile } from '@austin-profiler/profile';
import { readProfile } from '../convert.js';
import { chunked, fixture, fixturePath } from './io.js';

/** Every readable fixture, and the id of its format. Undamaged ones: damage has tests of its own. */
export const inputs: readonly (readonly [path: string, format: string])[] = [
  ...['collapsed', 'speedscope', 'pprof', 'cpuprofile', 'firefox', 'trace', 'perf'].flatMap((id) =>
    readdirSync(fixturePath(id)).map((name) => [`${id}/${name}`, id] as const),
  ),
  ...['a', 'b', 'c', 'kernel-frames-and-invalid', 'negative-iid', 'invalid-utf8'].map(
    (name) => [`mojo/${name}.mojo`, 'mojo'] as const,
  ),
  ...readdirSync(fixturePath('recordings'))
    .filter((name) => /\.(mojo|austin)$/.test(name))
    .map((name) => [`recordings/${name}`, name.endsWith('.mojo') ? 'mojo' : 'collapsed'] as const),
];

/** Reads a fixture, in small chunks. */
export function readFixture(path: string): Promise<Profile> {
  const bytes = fixture(path);
  return readProfile(chunked(bytes, Math.max(7, bytes.length >> 8)));
}

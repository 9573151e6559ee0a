import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../fixtures/mojo/', import.meta.url);

/** The names of all fixtures, without `.mojo`. */
export function fixtureNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.mojo'));
  return files.map((file) => file.slice(0, -'.mojo'.length)).sort();
}

export function readFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.mojo`, FOLDER)));
}

export function goldenPath(name: string): URL {
  return new URL(`${name}.mojo.golden.json`, FOLDER);
}

/** The bytes of hex pairs, blanks ignored. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

export function concat(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const list = [...parts];
  const all = new Uint8Array(list.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of list) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

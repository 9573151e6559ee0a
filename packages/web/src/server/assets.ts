import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that is served as it is. */
export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Record<string, string | undefined> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The files of the page and of speedscope, by their path below the token. Only what lay there at the build can be asked for. */
export class Assets {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  constructor(folder = fileURLToPath(new URL('../../dist/assets/', import.meta.url))) {
    this.#folder = folder;
    this.#names = new Set(readdirSync(folder, { recursive: true }).map(String));
  }

  /** Undefined where there is none. */
  find(path: string): Asset | undefined {
    const name = path === '' ? 'index.html' : path;
    const type = TYPES[extname(name)];
    if (!this.#names.has(name) || type === undefined) return undefined;
    return { type, bytes: readFileSync(join(this.#folder, name)) };
  }
}

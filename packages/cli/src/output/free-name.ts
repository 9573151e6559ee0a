import { openSync } from 'node:fs';

/**
 * Creates the first file of `base.ext`, `base.2.ext`, `base.3.ext`, … that does not exist yet.
 * Creating is the test, so that two recordings started together never share a file.
 */
export function createFreeFile(base: string, extension: string): { fd: number; path: string } {
  for (let attempt = 1; ; attempt++) {
    const path = attempt === 1 ? `${base}${extension}` : `${base}.${attempt}${extension}`;
    try {
      return { fd: openSync(path, 'wx'), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

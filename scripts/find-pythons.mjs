import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';
import { root } from './steps.mjs';

/** The executables that e2e/pythons.ts finds, separated by colons: what AUSTIN_TEST_PYTHONS holds. */
export async function findPythons() {
  // Node 20 does not run TypeScript.
  const source = await readFile(`${root}/e2e/pythons.ts`, 'utf8');
  const { code } = await transform(source, { loader: 'ts', format: 'esm' });
  const { findPythons: find } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  return (await find()).map((python) => python.path).join(':');
}

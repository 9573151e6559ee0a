import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const dist = new URL('dist/', import.meta.url);
rmSync(dist, { recursive: true, force: true });

/** Each program, by the name of its file. The others of `src/bin` carry the names of austin-python's tools. */
const programs = { cli: 'src/cli.ts', austin3: 'src/austin3.ts', austinp: 'src/austinp.ts' };
for (const file of readdirSync(new URL('src/bin/', import.meta.url))) {
  programs[file.replace(/\.ts$/, '')] = `src/bin/${file}`;
}

await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: programs,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // The CommonJS half of jsonc-parser asks for its files in a way that no bundler follows.
  mainFields: ['module', 'main'],
  // What has to be parsed at each start is kept short; names stay, for whoever reads a stack of ours.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  chunkNames: '[name]-[hash]',
  // The binary of one and the page of the other are found relative to their own files; only the commands that need them
  // import them.
  external: ['@austin-profiler/sampler', '@austin-profiler/web'],
  // commander is CommonJS and asks for `require`.
  banner: {
    js: "import{createRequire as austinCreateRequire}from'node:module';const require=austinCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
for (const name of Object.keys(programs)) chmodSync(new URL(`${name}.js`, dist), 0o755);

import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const dist = new URL('dist/', import.meta.url);
rmSync(dist, { recursive: true, force: true });

await build({
  absWorkingDir: new URL('.', import.meta.url).pathname,
  entryPoints: ['src/cli.ts', 'src/austin3.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  sourcemap: true,
  sourcesContent: false,
  chunkNames: '[name]-[hash]',
  // Its binary is found relative to its own files, and only the commands that record import it.
  external: ['@austin-profiler/sampler'],
  // commander is CommonJS and asks for `require`.
  banner: {
    js: "import{createRequire as austinCreateRequire}from'node:module';const require=austinCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
for (const name of ['cli.js', 'austin3.js']) chmodSync(new URL(name, dist), 0o755);

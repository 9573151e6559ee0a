// Bundles the page of what is compiled already, and puts speedscope beside it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGE_STYLE } from '@austin-profiler/convert/page-parts';
import { build, transform } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const assets = join(folder, 'dist/assets');
rmSync(assets, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

await build({
  entryPoints: [join(folder, 'src/page/main.ts')],
  outfile: join(assets, 'page.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: ['es2022'],
  legalComments: 'none',
  logLevel: 'warning',
});
const style = await transform(readFileSync(join(folder, 'src/page/style.css'), 'utf8'), {
  loader: 'css',
  minify: true,
});
writeFileSync(join(assets, 'page.css'), PAGE_STYLE + style.code);
const { PAGE } = await import(new URL('dist/page/page.js', import.meta.url).href);
writeFileSync(join(assets, 'index.html'), PAGE);
cpSync(join(folder, 'src/page/icon.svg'), join(assets, 'icon.svg'));

const speedscope = dirname(require.resolve('speedscope/package.json'));
cpSync(join(speedscope, 'dist/release'), join(assets, 'speedscope'), {
  recursive: true,
  // An example of another profiler's.
  filter: (file) => !file.includes('perf-vertx'),
});
cpSync(join(speedscope, 'LICENSE'), join(assets, 'speedscope/LICENSE'));

import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { LiveProfile } from '../packages/convert/dist/index.js';
import { EMPTY_STACK } from '../packages/profile/dist/index.js';
import { startWebServer } from '../packages/web/dist/index.js';
import { callPaths, fileName, functionName } from './lib/call-paths.mjs';
import { chromiumPath, withPage } from './lib/chromium.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';

const SIZES = [1_000, 10_000, 100_000];
/** As it is, d3-flame-graph needs more than 5 GB for 100,000 stacks, and does not come to an end within minutes. */
const MANNERS = [
  { manner: 'as it is', most: 10_000 },
  { manner: 'frugal', most: Infinity },
];
const SEED = 5;
const SAMPLE_US = 1000;
/** Samples of each path, on an average; few paths have most of them. */
const SAMPLES_EACH = 4;
/** What comes in half a second at 1 kHz, and how much of it are paths that were not there before. */
const GROWTH = { samples: 500, news: 50 };
/** So many times something comes. */
const UPDATES = 5;
const MOST_UPDATE_MS = 100;

export const flameGraph = {
  name: 'flame-graph',
  title: 'the page of `austin web` beside d3-flame-graph: first picture, an update, and memory, in Chromium',
  async run(context) {
    if (!chromiumPath) throw new Error('Chromium is not there (CHROMIUM names it)');
    const raw = [];
    const page = await bundledPage('d3-flame-graph.mjs');
    for (const paths of context.cases(SIZES)) raw.push(await measureAll(context, paths, page));
    return raw;
  },
};

async function measureAll(context, paths, d3Page) {
  const recording = makeRecording(paths);
  const views = [
    { label: 'ours, the whole page', measure: () => measureOurs(recording) },
    ...(context.wantsPeer('d3-flame-graph')
      ? MANNERS.filter(({ most }) => paths <= most).map(({ manner }) => ({
          label: `d3-flame-graph, ${manner}`,
          measure: () => measureD3(recording, manner, d3Page),
        }))
      : []),
  ];
  const results = await interleaved(views, context.runs(5), ({ measure }) => measure());
  const [ours] = views;
  const of = (view, key) => median(results.get(view).map((run) => run[key]));
  const columns = [
    ['first picture ms', 'firstMs'],
    ['update ms', 'updateMs'],
    ['in all processes ms', 'updateAllMs'],
    ['memory MB', 'memoryMb'],
  ];
  console.log(`\n${count(paths)} stacks\n`);
  console.log(
    table(
      ['view', ...columns.flatMap(([title]) => [title, 'ours ÷ it']), 'elements'],
      views.map((view) => [
        view.label,
        ...columns.flatMap(([, key]) => [number(of(view, key)), ratio(of(ours, key), of(view, key))]),
        count(of(view, 'elements')),
      ]),
    ),
  );
  context.targets.atMost(
    `flame-graph: ours, an update of ${count(paths)} stacks`,
    of(ours, 'updateMs'),
    MOST_UPDATE_MS,
    ' ms',
  );
  return { paths, views: views.map((view) => ({ view: view.label, runs: results.get(view) })) };
}

/** Paths with the samples that they have in the beginning, in the order of time, and with those that come each time. */
function makeRecording(size) {
  const source = callPaths(SEED);
  const paths = Array.from({ length: size }, () => source.next());
  const any = () => Math.floor(paths.length * (source.random(1 << 20) / (1 << 20)) ** 3);
  const samples = [...paths.keys(), ...Array.from({ length: (SAMPLES_EACH - 1) * size }, any)];
  const growths = Array.from({ length: UPDATES }, () => {
    const known = Array.from({ length: GROWTH.samples - GROWTH.news }, any);
    const news = Array.from({ length: GROWTH.news }, () => paths.push(source.next()) - 1);
    return [...known, ...news];
  });
  return { paths, samples, growths };
}

/** The page that `austin web` serves, with its table, time line and all, and what comes as it comes there. */
async function measureOurs({ paths, samples, growths }) {
  const live = new LiveProfile();
  const { tables } = live;
  live.addMetadata('mode', 'wall');
  const thread = tables.internThread(4000, 0, 'fa0');
  const frames = (fn) => {
    const id = tables.internFunction(
      tables.internString(functionName(fn)),
      tables.internString(fileName(fn)),
    );
    return tables.internFrame(id, 10);
  };
  const stackOf = (path) => path.reduce((stack, fn) => tables.internStack(stack, frames(fn)), EMPTY_STACK);
  let samplesThere = 0;
  const add = (some) => {
    for (const path of some) live.addSample(stackOf(paths[path]), thread, SAMPLE_US, 0, 0);
    samplesThere += some.length;
  };
  const server = await startWebServer({
    session: {
      live: () => live,
      status: () => ({ title: 'app', phase: 'running', pid: 4000, can: [] }),
      processes: async () => [],
    },
  });
  try {
    return await withPage(server.url, async (page, { work, memory }) => {
      const isShown = async () => (await samplesShown(page)) === samplesThere;
      const first = await work(() => add(samples), isShown);
      const updates = [];
      for (const growth of growths) updates.push(await work(() => add(growth), isShown));
      return summed(first, updates, await memory());
    });
  } finally {
    await server.close();
  }
}

/** What the head of the page says, where a number has small blanks in it. */
async function samplesShown(page) {
  const text = await page.textContent('#facts');
  return Number(/Samples([\d\s]*\d)/.exec(text)?.[1].replace(/\s/g, ''));
}

async function measureD3({ paths, samples, growths }, manner, d3Page) {
  const tree = JSON.stringify(treeOf(paths, samples));
  const coming = growths.map((growth) => JSON.stringify(treeOf(paths, growth)));
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/tree') response.end(tree);
    else if (pathname === '/growth') response.end(coming.shift());
    else if (pathname === '/') response.setHeader('content-type', 'text/html').end(d3Page);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${server.address().port}/?manner=${manner}`;
    return await withPage(url, async (page, { work, memory }) => {
      const isShown = async () => true;
      const first = await work(() => page.evaluate('draw()'), isShown);
      const updates = [];
      for (const _ of growths) updates.push(await work(() => page.evaluate('grow()'), isShown));
      return summed(first, updates, await memory());
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function summed(first, updates, { bytes, elements }) {
  return {
    firstMs: first.mainMs,
    updateMs: median(updates.map(({ mainMs }) => mainMs)),
    updateAllMs: median(updates.map(({ allMs }) => allMs)),
    memoryMb: bytes / 1e6,
    elements,
  };
}

/** The same paths as d3-flame-graph wants them: an object for each, with its calls in it. */
function treeOf(paths, samples) {
  const root = { name: 'root', value: 0, children: new Map() };
  for (const sample of samples) {
    let at = root;
    at.value += SAMPLE_US;
    for (const fn of paths[sample]) {
      let child = at.children.get(fn);
      if (!child) {
        child = { name: `${functionName(fn)} ${fileName(fn)}`, value: 0, children: new Map() };
        at.children.set(fn, child);
      }
      child.value += SAMPLE_US;
      at = child;
    }
  }
  return nested(root);
}

function nested({ name, value, children }) {
  return { name, value, children: Array.from(children.values(), nested) };
}

/** A page of its script and the style that it imports. */
async function bundledPage(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`pages/${name}`, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'never-written',
    format: 'iife',
    platform: 'browser',
    target: ['es2022'],
  });
  const part = (extension) => outputFiles.find(({ path }) => path.endsWith(extension)).text;
  const style = `<style>${part('.css')}</style>`;
  return `<!doctype html><meta charset="utf-8">${style}<div id="graph"></div><script>${part('.js')}</script>`;
}

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interleaved } from './lib/interleaved.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { median, spread, sum } from './lib/statistics.mjs';
import { count, number, percent, table } from './lib/table.mjs';
import { programPath } from './lib/target.mjs';
import { measureOne, NOTHING } from './slowdown.mjs';
import { findNativeSamplers } from './tools/native.mjs';

const run = promisify(execFile);

const INTERVALS_US = [10_000, 1_000];
/** For how long a thread may be stopped for a sample, at the median. */
const MOST_PAUSE_US = 60;

/** What stands on each stack of the program while it works, outermost first, with the interpreter's functions in between. */
const PATH = ['unit', 'outer', 'callback', 'burn', 'churn'];

export const native = {
  name: 'native',
  title:
    'stacks of Python and compiled code: what stopping the program costs, and how many are the path it took',
  async run(context) {
    const found = await findNativeSamplers();
    for (const note of found.notes) console.log(note);
    const tools = found.samplers.filter((tool) => tool.id === 'ours' || context.wantsPeer(tool.id));
    const folder = await buildExtension(context.main);
    const raw = [];
    for (const intervalUs of context.cases(INTERVALS_US))
      raw.push(await measure(context, tools, folder, intervalUs));
    return raw;
  },
};

async function measure(context, tools, folder, intervalUs) {
  const python = context.main;
  const seconds = context.seconds(10);
  const runs = context.runs(3);
  const what = { python, seconds, intervalUs, program: 'native_work.py', args: [`folder=${folder}`] };
  const results = await interleaved([...tools, NOTHING], runs, async (tool) => {
    const { recording, ...figures } = await measureOne(tool, what);
    return recording ? { ...figures, ...figuresOf(recording) } : figures;
  });
  const asked = 1e6 / intervalUs;
  console.log(`\nPython ${python.version}, asked ${count(asked)} Hz, ${runs} × ${seconds} s\n`);
  console.log(
    table(
      [
        'sampler',
        'slowdown',
        '±',
        'Hz',
        'µs lost a sample',
        'pause µs',
        'is the path',
        'disagreed',
        'incomplete',
        'missed',
        'CPU',
      ],
      [...results].map(([tool, measured]) => row(tool, measured)),
    ),
  );
  const own = results.get(tools[0]);
  const pause = median(own.map(({ pauseUs }) => pauseUs));
  context.targets.atMost(`native: pause, ${count(asked)} Hz`, pause, MOST_PAUSE_US, ' µs');
  return {
    python: python.version,
    intervalUs,
    tools: [...results].map(([{ label }, all]) => ({ tool: label, runs: all })),
  };
}

/** What is kept of a recording. */
function figuresOf(recording) {
  const { samples, seconds, counts = {} } = recording;
  return {
    rate: samples / seconds,
    pathShare: pathShare(recording),
    pauseUs: counts['native-pause-us'],
    disagreed: counts['native-disagreed'] / samples,
    incomplete: counts['native-incomplete'] / samples,
    missed: counts['native-missed'] / samples,
  };
}

function row(tool, measured) {
  const { median: slower, error } = spread(measured.flatMap(({ slowdowns }) => slowdowns));
  if (tool === NOTHING) return [tool.label, percent(slower), percent(error), ...Array(8).fill('')];
  const of = (key) => median(measured.map((run) => run[key]));
  return [
    tool.label,
    percent(slower),
    percent(error),
    number(of('rate')),
    number((slower / of('rate')) * 1e6),
    number(of('pauseUs')),
    ...['pathShare', 'disagreed', 'incomplete', 'missed', 'cpu'].map((key) => percent(of(key))),
  ];
}

/**
 * Of the samples within `unit` that are not marked as invalid, those that show the path as far as it goes, and no function of it
 * in another place.
 */
function pathShare({ stacks }) {
  const shown = stacks
    .filter(({ isValid }) => isValid)
    .map(({ frames, count }) => ({ names: frames.map(nameOf).filter((name) => PATH.includes(name)), count }))
    .filter(({ names }) => names.length > 0);
  const right = shown.filter(({ names }) => names.every((name, i) => name === PATH[i]));
  return sum(right.map(({ count }) => count)) / sum(shown.map(({ count }) => count));
}

/** Some put the module before the name of a function. */
function nameOf({ name }) {
  return name.replace(/^.*[.:]/, '');
}

/** @returns the folder of the extension, for this Python */
async function buildExtension({ path }) {
  const question =
    "import sysconfig as s; print(s.get_paths()['include'], s.get_config_var('EXT_SUFFIX'), sep='\\n')";
  const [include, suffix] = (await run(path, ['-c', question])).stdout.trim().split('\n');
  const folder = scratchFile('extension');
  mkdirSync(folder);
  const output = join(folder, `native_work${suffix}`);
  const flags = ['-O2', '-g', '-shared', '-fPIC', '-I', include, '-o', output, programPath('native_work.c')];
  await run(process.env.CC ?? 'cc', flags).catch((error) => {
    throw new Error(
      `no extension of C: ${error.message.split('\n')[0]}; it takes a C compiler and the headers of Python`,
    );
  });
  return folder;
}

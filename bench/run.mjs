// `npm run bench -- [names] [options]`: see README.md.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { accuracy } from './accuracy.mjs';
import { convert } from './convert.mjs';
import { flameGraph } from './flame-graph.mjs';
import { impossible } from './impossible.mjs';
import { createContext } from './lib/context.mjs';
import { live } from './live.mjs';
import { manyThreads } from './many-threads.mjs';
import { memory } from './memory.mjs';
import { native } from './native.mjs';
import { quality } from './quality.mjs';
import { rate } from './rate.mjs';
import { size } from './size.mjs';
import { slowdown } from './slowdown.mjs';
import { throughput } from './throughput.mjs';

const BENCHMARKS = [
  quality,
  impossible,
  accuracy,
  rate,
  throughput,
  manyThreads,
  slowdown,
  native,
  size,
  convert,
  memory,
  live,
  flameGraph,
];

const USAGE = `usage: npm run bench -- [names] [options]

benchmarks: ${BENCHMARKS.map(({ name }) => name).join(', ')} (default: all)

  --quick         one short run of each, to see that they work; the numbers mean little
  --runs N        measurements of each tool
  --seconds N     length of one recording, in whole seconds
  --samples N     impossible: go on with ours until there are so many samples
  --peers A,B     only these peers (parts of their names)
  --only-ours     no peers
  --pythons A,B   only these versions (3.11,3.15)
  --programs A,B  quality, impossible: only these programs (parts of their names)
  --json FILE     write every measurement to this file as well
  --help          print this`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    samples: { type: 'string' },
    peers: { type: 'string' },
    'only-ours': { type: 'boolean', default: false },
    pythons: { type: 'string' },
    programs: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const chosen = positionals.map(
  (name) => BENCHMARKS.find((benchmark) => benchmark.name === name) ?? refuse(name),
);

const context = await createContext({
  quick: values.quick,
  runs: wholeNumber('runs'),
  seconds: wholeNumber('seconds'),
  samples: wholeNumber('samples'),
  peers: values['only-ours'] ? [] : values.peers?.split(','),
  only: values.pythons?.split(','),
  programs: values.programs?.split(','),
});
console.log(context.text);

const results = {};
for (const benchmark of chosen.length > 0 ? chosen : BENCHMARKS) {
  console.log(`\n## ${benchmark.name}: ${benchmark.title}`);
  try {
    results[benchmark.name] = await benchmark.run(context);
    if (results[benchmark.name].length === 0) throw new Error('nothing to measure on these Pythons');
  } catch (error) {
    process.exitCode = 1;
    console.error(`FAILED: ${error.message}`);
  }
  // After each, so that an interrupted run leaves what it measured.
  if (values.json) {
    const all = { machine: context.machine, results, targets: context.targets.list };
    writeFileSync(values.json, `${JSON.stringify(all, null, 1)}\n`);
  }
}
if (context.targets.list.length > 0) console.log(`\n## targets\n\n${context.targets.text()}`);

function wholeNumber(name) {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) refuse(`--${name} ${text}`);
  return Number(text);
}

function refuse(what) {
  console.error(`unknown: ${what}\n\n${USAGE}`);
  process.exit(2);
}

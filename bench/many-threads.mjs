import { sampleFor } from './lib/context.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const THREADS = [1, 10, 100];
const DEPTH = 4;
const MOST_TIMES = 5;
const KINDS = [
  { what: 'all busy', waiting: 0 },
  { what: 'one busy, the others wait for a lock', waiting: 1 },
];

export const manyThreads = {
  name: 'many-threads',
  title: 'what a round costs when there are many threads, as fast as it can',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const kind of context.cases(KINDS)) raw.push(await measure(context, python, tools, kind));
    }
    return raw;
  },
};

async function measure(context, python, tools, { what, waiting }) {
  const seconds = context.seconds(2);
  // Each with each number of threads: also these in turns.
  const pairs = tools.flatMap((tool) => THREADS.map((threads) => ({ tool, threads })));
  const results = await interleaved(pairs, context.runs(3), async ({ tool, threads }) => {
    const args = [`threads=${threads}`, `depth=${DEPTH}`, `waiting=${waiting}`];
    const { result } = await withTarget(
      python,
      'threads.py',
      (pid) => sampleFor(tool, { python, pid, seconds, intervalUs: 0 }),
      args,
    );
    const rounds = result.samples / threads;
    return { samples: result.samples, seconds: result.seconds, roundUs: (result.seconds / rounds) * 1e6 };
  });
  const roundUs = (tool, threads) => {
    const pair = pairs.find((each) => each.tool === tool && each.threads === threads);
    return median(results.get(pair).map((run) => run.roundUs));
  };
  const [fewest, most] = [THREADS[0], THREADS.at(-1)];
  console.log(`\nPython ${python.version}, ${what}, ${DEPTH} frames deep, ${seconds} s\n`);
  console.log(
    table(
      [
        'sampler',
        ...THREADS.map((threads) => `µs a round, ${count(threads)}`),
        `${most} ÷ ${fewest}`,
        `ours ÷ it, ${most}`,
      ],
      tools.map((tool) => [
        tool.label,
        ...THREADS.map((threads) => number(roundUs(tool, threads))),
        ratio(roundUs(tool, most), roundUs(tool, fewest)),
        ratio(roundUs(tools[0], most), roundUs(tool, most)),
      ]),
    ),
  );
  context.targets.atMost(
    `many-threads: a round of ${most} threads ÷ one of ${fewest}, ${what}, ${python.version}`,
    roundUs(tools[0], most) / roundUs(tools[0], fewest),
    MOST_TIMES,
    '×',
  );
  return {
    python: python.version,
    what,
    pairs: pairs.map((pair) => ({
      tool: pair.tool.label,
      threads: pair.threads,
      runs: results.get(pair),
    })),
  };
}

import { sampleFor } from './lib/context.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { underLoad } from './lib/load.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, percentageOf, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

/** The last case shares the machine with a busy program on every processor. */
const CASES = [
  { intervalUs: 1000 },
  { intervalUs: 100 },
  { intervalUs: 0 },
  { intervalUs: 100, isBusy: true },
];

export const rate = {
  name: 'rate',
  title: 'samples a second, got against asked; one busy thread, four frames deep',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const each of CASES) raw.push(await measure(context, python, tools, each));
    }
    return raw;
  },
};

async function measure(context, python, tools, { intervalUs, isBusy = false }) {
  const seconds = context.seconds(3);
  const results = await interleaved(tools, context.runs(5), async (tool) => {
    const options = { python, seconds, intervalUs };
    const sample = () => withTarget(python, 'spin.py', (pid) => sampleFor(tool, { ...options, pid }));
    const { result } = await (isBusy ? underLoad(python, sample) : sample());
    const { samples, periodUs, counts } = result;
    return { rate: samples / result.seconds, samples, seconds: result.seconds, periodUs, counts };
  });

  const askedRate = intervalUs === 0 ? undefined : 1e6 / intervalUs;
  const rateOf = (tool) => median(results.get(tool).map((run) => run.rate));
  const periodOf = (tool, q) => median(results.get(tool).flatMap((run) => run.periodUs?.[q] ?? []));
  console.log(
    `\nPython ${python.version}, asked ${askedRate ? `${count(askedRate)} Hz` : 'as fast as it can'}, ${seconds} s${isBusy ? ', every processor busy' : ''}\n`,
  );
  console.log(
    table(
      ['sampler', 'samples/s', 'of asked', 'period p50 µs', 'p99 µs', 'p99.9 µs', 'ours ÷ it'],
      tools.map((tool) => [
        tool.label,
        count(rateOf(tool)),
        askedRate ? percentageOf(rateOf(tool), askedRate) : '',
        number(periodOf(tool, 'p50')),
        number(periodOf(tool, 'p99')),
        number(periodOf(tool, 'p999')),
        ratio(rateOf(tools[0]), rateOf(tool)),
      ]),
    ),
  );
  return {
    python: python.version,
    intervalUs,
    isBusy,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

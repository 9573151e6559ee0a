import { sampleFor } from './lib/context.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const PROGRAMS = [
  { program: 'spin.py', what: 'one busy thread, 4 frames deep' },
  { program: 'threads.py', what: 'five busy threads, 40 frames deep' },
];

export const throughput = {
  name: 'throughput',
  title: 'thread-samples a second, as fast as it can',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const load of PROGRAMS) raw.push(await measure(context, python, tools, load));
    }
    return raw;
  },
};

async function measure(context, python, tools, { program, what }) {
  const seconds = context.seconds(3);
  const results = await interleaved(tools, context.runs(5), async (tool) => {
    const options = { python, seconds, intervalUs: 0 };
    const { result } = await withTarget(python, program, (pid) => sampleFor(tool, { ...options, pid }));
    const frames = result.stacks.reduce((total, stack) => total + stack.names.length * stack.count, 0);
    return {
      rate: result.samples / result.seconds,
      depth: frames / result.samples,
      samples: result.samples,
      seconds: result.seconds,
    };
  });
  const rateOf = (tool) => median(results.get(tool).map((run) => run.rate));
  console.log(`\nPython ${python.version}, ${what}, ${seconds} s\n`);
  console.log(
    table(
      ['sampler', 'thread-samples/s', 'frames each', 'ours ÷ it'],
      tools.map((tool) => [
        tool.label,
        count(rateOf(tool)),
        number(median(results.get(tool).map((run) => run.depth))),
        ratio(rateOf(tools[0]), rateOf(tool)),
      ]),
    ),
  );
  return {
    python: python.version,
    program,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

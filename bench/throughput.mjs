import { interleaved } from './lib/interleaved.mjs';
import { sampleWithCost } from './lib/sampler-cost.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, percent, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const PROGRAMS = [
  { program: 'spin.py', what: 'one busy thread, 4 frames deep', times: 1.5 },
  { program: 'threads.py', what: 'five busy threads, 40 frames deep', times: 5 },
];
/** As fast as it can, and as usual: how much a wake-up costs shows only at the lower rates. */
const INTERVALS_US = [0, 1000, 100];

export const throughput = {
  name: 'throughput',
  title: 'thread-samples a second, as fast as it can, and what CPU time each takes',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const load of PROGRAMS) {
        for (const intervalUs of context.cases(INTERVALS_US)) {
          raw.push(await measure(context, python, tools, { ...load, intervalUs }));
        }
      }
    }
    return raw;
  },
};

async function measure(context, python, tools, { program, what, times, intervalUs }) {
  const seconds = context.seconds(3);
  const results = await interleaved(tools, context.runs(3), async (tool) => {
    const { result } = await withTarget(python, program, (pid) =>
      sampleWithCost(tool, { python, pid, seconds, intervalUs }),
    );
    const frames = result.stacks.reduce((total, stack) => total + stack.frames.length * stack.count, 0);
    const { samples, rate, cpu, cpuUsPerSample } = result;
    return { samples, seconds: result.seconds, rate, cpu, cpuUsPerSample, depth: frames / samples };
  });
  const of = (tool, key) => median(results.get(tool).map((run) => run[key]));
  const asked = intervalUs === 0 ? 'as fast as it can' : `asked ${count(1e6 / intervalUs)} Hz`;
  console.log(`\nPython ${python.version}, ${what}, ${asked}, ${seconds} s\n`);
  const [ours, ...peers] = tools;
  console.log(
    table(
      [
        'sampler',
        'thread-samples/s',
        'frames each',
        'ours ÷ it',
        'CPU of sampler',
        'CPU µs each',
        'ours ÷ it (CPU)',
      ],
      tools.map((tool) => [
        tool.label,
        count(of(tool, 'rate')),
        number(of(tool, 'depth')),
        ratio(of(ours, 'rate'), of(tool, 'rate')),
        percent(of(tool, 'cpu')),
        number(of(tool, 'cpuUsPerSample')),
        ratio(of(ours, 'cpuUsPerSample'), of(tool, 'cpuUsPerSample')),
      ]),
    ),
  );
  if (peers.length > 0) {
    const where = `${what}, ${asked}, ${python.version}`;
    const bestRate = Math.max(...peers.map((tool) => of(tool, 'rate')));
    const leastCpu = Math.min(...peers.map((tool) => of(tool, 'cpuUsPerSample')));
    if (intervalUs === 0) {
      context.targets.atLeast(
        `throughput: ours ÷ the best peer, ${where}`,
        of(ours, 'rate') / bestRate,
        times,
        '×',
      );
    }
    context.targets.atMost(
      `throughput: CPU per thread-sample, ours ÷ the best peer, ${where}`,
      of(ours, 'cpuUsPerSample') / leastCpu,
      1,
      '×',
    );
  }
  return {
    python: python.version,
    program,
    intervalUs,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

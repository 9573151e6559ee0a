import { sampleFor } from './lib/context.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median, sum } from './lib/statistics.mjs';
import { number, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const INTERVAL_US = 1000;

export const accuracy = {
  name: 'accuracy',
  title: "error of a function's share, against the program's own clock; 1 kHz asked",
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      raw.push(await measure(context, python, await context.samplersFor(python)));
    }
    return raw;
  },
};

async function measure(context, python, tools) {
  const seconds = context.seconds(10);
  const results = await interleaved(tools, context.runs(5), async (tool) => {
    const options = { python, seconds, intervalUs: INTERVAL_US };
    const { result, said } = await withTarget(python, 'shares.py', (pid) =>
      sampleFor(tool, { ...options, pid }),
    );
    const { seconds: spent, total } = JSON.parse(said);
    const errors = Object.entries(spent).map(([name, own]) => [
      name,
      shareOf(name, result.stacks) - own / total,
    ]);
    return {
      samples: result.samples,
      spent,
      total,
      errors: Object.fromEntries(errors),
      worst: Math.max(...errors.map(([, error]) => Math.abs(error))),
    };
  });
  const errorOf = (tool, name) => points(median(results.get(tool).map((run) => run.errors[name])));
  const worstOf = (tool) => median(results.get(tool).map((run) => run.worst));
  console.log(`\nPython ${python.version}, ${seconds} s; percentage points\n`);
  console.log(
    table(
      ['sampler', 'samples', 'seventy', 'twenty', 'ten', 'largest error', 'chance alone', 'ours ÷ it'],
      tools.map((tool) => {
        const samples = median(results.get(tool).map((run) => run.samples));
        return [
          tool.label,
          number(samples),
          errorOf(tool, 'seventy'),
          errorOf(tool, 'twenty'),
          errorOf(tool, 'ten'),
          points(worstOf(tool)),
          // The standard error of a share of 70 % from so many independent samples.
          points(Math.sqrt((0.7 * 0.3) / samples)),
          ratio(worstOf(tools[0]), worstOf(tool)),
        ];
      }),
    ),
  );
  return {
    python: python.version,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

/** Of all the recorded time, invalid samples included: who leaves out hard stacks shows it here. */
function shareOf(name, stacks) {
  const own = stacks.filter((stack) => stack.frames.some((frame) => frame.name === name));
  return sum(own.map((stack) => stack.weight)) / sum(stacks.map((stack) => stack.weight));
}

function points(share) {
  return number(share * 100, 2);
}

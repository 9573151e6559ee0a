import { sampleFor } from './lib/context.mjs';
import { cpuSeconds } from './lib/cpu-time.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median, sum } from './lib/statistics.mjs';
import { count, percent, percentageOf, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const INTERVAL_US = 100;
const OLDEST_MINOR = 11;
const OWN_COUNTS = ['exact', 'retried', 'cut', 'invalid'];

export const impossible = {
  name: 'impossible',
  title:
    'stacks that never existed, among those that each sampler calls valid; nothing but calls, 10 kHz asked',
  async run(context) {
    const raw = [];
    for (const python of context.pythons.filter(({ minor }) => minor >= OLDEST_MINOR)) {
      raw.push(await measure(context, python, await context.samplersFor(python)));
    }
    return raw;
  },
};

async function measure(context, python, tools) {
  const seconds = context.seconds(5);
  const runs = context.runs(3);
  const results = await interleaved(tools, runs, async (tool) => {
    const options = { python, seconds, intervalUs: INTERVAL_US };
    const { result } = await withTarget(python, 'churn.py', async (pid) => {
      const [begin, cpuBegin] = [performance.now(), cpuSeconds(pid)];
      const recording = await sampleFor(tool, { ...options, pid });
      const targetCpu = (cpuSeconds(pid) - cpuBegin) / ((performance.now() - begin) / 1000);
      return { ...recording, targetCpu };
    });
    // A sample without a stack makes no claim.
    const valid = result.stacks.filter((stack) => stack.isValid && stack.names.length > 0);
    const wrong = valid.filter((stack) => !couldExist(stack.names));
    return {
      samples: result.samples,
      valid: sum(valid.map((stack) => stack.count)),
      impossible: sum(wrong.map((stack) => stack.count)),
      example: wrong[0]?.names.join(' > '),
      targetCpu: result.targetCpu,
      counts: result.counts,
    };
  });

  const total = (tool, key) => sum(results.get(tool).map((run) => run[key]));
  console.log(`\nPython ${python.version}, ${runs} × ${seconds} s\n`);
  console.log(
    table(
      ['sampler', 'samples', 'called valid', 'impossible', 'of valid', 'program ran'],
      tools.map((tool) => [
        tool.label,
        count(total(tool, 'samples')),
        percentageOf(total(tool, 'valid'), total(tool, 'samples')),
        count(total(tool, 'impossible')),
        percentageOf(total(tool, 'impossible'), total(tool, 'valid')),
        // A program that does not run calls nothing: on a busy machine, or while it is paused, every stack holds still.
        percent(median(results.get(tool).map((run) => run.targetCpu))),
      ]),
    ),
  );
  const ownRuns = results.get(tools[0]);
  const own = OWN_COUNTS.map((key) => [key, sum(ownRuns.map((run) => run.counts[key] ?? 0))]);
  const all = sum(own.map(([, value]) => value));
  console.log(`\nours: ${own.map(([key, value]) => `${key} ${percentageOf(value, all)}`).join(', ')}`);
  return {
    python: python.version,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

/**
 * Whether the program can have had this stack. Its functions are named by their path, so there is exactly one stack that
 * ends in each of them. One that merely lacks inner frames could exist, and is not found.
 */
export function couldExist(names) {
  const [module, caller, ...calls] = names;
  if (module !== '<module>') return false;
  if (caller === undefined) return true;
  if (caller !== 'work') return false;
  if (calls.length === 1 && calls[0] === 'running') return true;
  let expected = /^f_0$/;
  for (const name of calls) {
    if (!expected.test(name)) return false;
    expected = new RegExp(`^${name}_[01]$`);
  }
  return true;
}

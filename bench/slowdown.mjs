import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './lib/cpu-time.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { median } from './lib/statistics.mjs';
import { number, percent, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { startSampler } from './lib/tool-run.mjs';

const INTERVALS_US = [1000, 100];
/** Until the slowest sampler has started, and until the target has forgotten one. */
const SETTLE_SECONDS = 1;
const NOTHING = { id: 'nothing', label: 'nothing (noise)' };

export const slowdown = {
  name: 'slowdown',
  title: 'what sampling costs the program, and what the sampler itself uses',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const intervalUs of INTERVALS_US) raw.push(await measure(context, python, tools, intervalUs));
    }
    return raw;
  },
};

async function measure(context, python, tools, intervalUs) {
  const seconds = context.seconds(3);
  const all = [...tools, NOTHING];
  const results = await interleaved(all, context.runs(9), (tool) =>
    measureOne(tool, python, seconds, intervalUs),
  );
  const of = (tool, key) => median(results.get(tool).map((run) => run[key]));
  console.log(`\nPython ${python.version}, asked ${number(1e6 / intervalUs)} Hz, windows of ${seconds} s\n`);
  console.log(
    table(
      ['sampler', 'slowdown', 'from', 'to', 'CPU of sampler', 'ours ÷ it (CPU)', 'CPU µs/sample'],
      all.map((tool) => {
        const each = results.get(tool).map((run) => run.slowdown);
        return [
          tool.label,
          percent(median(each)),
          percent(Math.min(...each)),
          percent(Math.max(...each)),
          tool === NOTHING ? '' : percent(of(tool, 'cpu')),
          tool === NOTHING ? '' : ratio(of(tools[0], 'cpu'), of(tool, 'cpu')),
          tool === NOTHING ? '' : number((of(tool, 'cpu') / of(tool, 'rate')) * 1e6),
        ];
      }),
    ),
  );
  return {
    python: python.version,
    intervalUs,
    tools: all.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

/**
 * One process, three windows: without, with, without. Its work in the middle one against the mean of the outer two: what
 * differs between processes, and what drifts, falls out.
 */
async function measureOne(tool, python, seconds, intervalUs) {
  const { result, said } = await withTarget(python, 'work.py', async (pid) => {
    await sleep(SETTLE_SECONDS * 1000);
    const before = await openWindow(seconds);
    const options = { python, pid, seconds: seconds + 2 * SETTLE_SECONDS, intervalUs };
    const sampler = tool === NOTHING ? undefined : startSampler(tool, options);
    await sleep(SETTLE_SECONDS * 1000);
    const cpuBefore = sampler && cpuSeconds(sampler.pid);
    const during = await openWindow(seconds);
    const cpuAfter = sampler && cpuSeconds(sampler.pid);
    const recording = await sampler?.finished;
    await sleep(SETTLE_SECONDS * 1000);
    const after = await openWindow(seconds);
    return {
      windows: [before, during, after],
      cpu: (cpuAfter - cpuBefore) / during.seconds,
      rate: recording && recording.samples / recording.seconds,
    };
  });
  const progress = JSON.parse(said);
  const [before, during, after] = result.windows.map((window) => speed(progress, window));
  return {
    slowdown: 1 - during / ((before + after) / 2),
    before,
    during,
    after,
    cpu: result.cpu,
    rate: result.rate,
  };
}

/** Lets time pass and tells which: on the monotonic clock, which Python's monotonic_ns reads too. */
async function openWindow(seconds) {
  const begin = Number(process.hrtime.bigint());
  await sleep(seconds * 1000);
  const end = Number(process.hrtime.bigint());
  return { begin, end, seconds: (end - begin) / 1e9 };
}

/** Units of work a second, between the notes nearest to the window's ends. */
function speed(progress, { begin, end }) {
  const first = progress.find(([at]) => at >= begin);
  const last = progress.findLast(([at]) => at <= end);
  if (!first || !last || last[0] <= first[0]) throw new Error('the program noted no work in a window');
  return (last[1] - first[1]) / ((last[0] - first[0]) / 1e9);
}

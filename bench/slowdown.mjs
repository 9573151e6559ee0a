import { setTimeout as sleep } from 'node:timers/promises';
import { cpuClock } from './lib/cpu-time.mjs';
import { spread } from './lib/statistics.mjs';
import { count, number, percent, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { startSampler } from './lib/tool-run.mjs';

const CASES = [
  { intervalUs: 1000, mostPercent: 0.5 },
  { intervalUs: 100, mostPercent: 1.5 },
];
/** Until the slowest sampler has started, and between its end and the next window. */
const START_SECONDS = 0.7;
const REST_SECONDS = 0.2;
const NOTHING = { id: 'nothing', label: 'nothing (noise)' };

export const slowdown = {
  name: 'slowdown',
  title: 'what sampling costs the program, and what the sampler itself uses',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      for (const each of context.cases(CASES)) raw.push(await measure(context, python, tools, each));
    }
    return raw;
  },
};

async function measure(context, python, tools, { intervalUs, mostPercent }) {
  const seconds = context.seconds(2);
  const all = [...tools, NOTHING];
  const results = new Map(all.map((tool) => [tool, []]));
  for (let run = 0; run < context.runs(9); run++) {
    // Another process each time, and another order: nobody is always the first after the start.
    const order = all.map((_, i) => all[(i + run) % all.length]);
    for (const [tool, measured] of await measureAll(order, python, seconds, intervalUs)) {
      results.get(tool)[run] = measured;
    }
  }
  // A run that failed is a hole in the list, which `flatMap` passes over.
  const of = (tool, key) => spread(results.get(tool).flatMap((run) => run[key]));
  // Run by run against another tool in the same process: what troubled the whole run falls out.
  const less = (tool, other) =>
    spread(
      results.get(tool).flatMap((run, i) => {
        const its = results.get(other)[i];
        return its ? [run.slowdown - its.slowdown] : [];
      }),
    );
  console.log(
    `\nPython ${python.version}, asked ${count(1e6 / intervalUs)} Hz, ` +
      `${context.runs(9)} runs, windows of ${seconds} s\n`,
  );
  console.log(
    table(
      [
        'sampler',
        'slowdown',
        '±',
        'less noise',
        '±',
        'by its CPU time',
        '±',
        'CPU of sampler',
        'ours ÷ it (CPU)',
        'CPU µs/sample',
      ],
      all.map((tool) => {
        const own = of(tool, 'slowdown');
        const net = less(tool, NOTHING);
        const byCpuTime = of(tool, 'byCpuTime');
        const figures = [percent(byCpuTime.median), percent(byCpuTime.error)];
        if (tool === NOTHING) {
          return [tool.label, percent(own.median), percent(own.error), '', '', ...figures, '', '', ''];
        }
        return [
          tool.label,
          percent(own.median),
          percent(own.error),
          percent(net.median),
          percent(net.error),
          ...figures,
          percent(of(tool, 'cpu').median),
          ratio(of(tools[0], 'cpu').median, of(tool, 'cpu').median),
          number(of(tool, 'cpuUsPerSample').median),
        ];
      }),
    ),
  );
  const [ours, ...peers] = tools;
  const name = `${count(1e6 / intervalUs)} Hz, ${python.version}`;
  const own = of(ours, 'slowdown');
  context.targets.atMost(`slowdown: of a busy program, ${name}`, own.median * 100, mostPercent, ' %');
  for (const peer of peers) {
    const difference = less(ours, peer);
    context.targets.atMost(
      `slowdown: ours − ${peer.label} (limit: its own ±), ${name}`,
      difference.median * 100,
      (difference.error || 0) * 100,
      ' %',
    );
  }
  return {
    python: python.version,
    intervalUs,
    tools: all.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

/**
 * One process, and windows: without a sampler, with the first, without, with the second, … without. The work done in a
 * window with a sampler is held against the mean of its neighbours without: what differs between processes, and what
 * drifts, falls out.
 */
async function measureAll(order, python, seconds, intervalUs) {
  const { result, said } = await withTarget(python, 'work.py', async (pid) => {
    await sleep(START_SECONDS * 1000);
    const quiet = [await openWindow(seconds)];
    const busy = [];
    for (const tool of order) {
      busy.push(await sampled(tool, { python, pid, seconds, intervalUs }));
      await sleep(REST_SECONDS * 1000);
      quiet.push(await openWindow(seconds));
    }
    return { quiet, busy };
  });
  const progress = JSON.parse(said);
  const quiet = result.quiet.map((window) => speeds(progress, window));
  return result.busy.flatMap(({ window, ...more }, i) => {
    if (!window) return [];
    const [before, during, after] = [quiet[i], speeds(progress, window), quiet[i + 1]];
    const slower = (by) => 1 - during[by] / ((before[by] + after[by]) / 2);
    const slowdowns = { slowdown: slower('bySecond'), byCpuTime: slower('byCpuSecond') };
    return [[order[i], { ...slowdowns, before, during, after, ...more }]];
  });
}

async function sampled(tool, { seconds, ...options }) {
  if (tool === NOTHING) {
    await sleep(START_SECONDS * 1000);
    return { window: await openWindow(seconds) };
  }
  const sampler = startSampler(tool, { ...options, seconds: seconds + 1 });
  await sleep(START_SECONDS * 1000);
  const clock = cpuClock(sampler.pid);
  const window = await openWindow(seconds);
  const cpu = clock() / window.seconds;
  try {
    const recording = await sampler.finished;
    return { window, cpu, cpuUsPerSample: (cpu / (recording.samples / recording.seconds)) * 1e6 };
  } catch (error) {
    process.exitCode = 1;
    console.error(`FAILED: ${error.message}`);
    return {};
  }
}

/** Lets time pass and tells which: on the monotonic clock, which Python's monotonic_ns reads too. */
async function openWindow(seconds) {
  const begin = Number(process.hrtime.bigint());
  await sleep(seconds * 1000);
  const end = Number(process.hrtime.bigint());
  return { begin, end, seconds: (end - begin) / 1e9 };
}

/** Units of work a second, and a second of the program's CPU time, between the notes nearest to the window's ends. */
function speeds(progress, { begin, end }) {
  const first = progress.find(([at]) => at >= begin);
  const last = progress.findLast(([at]) => at <= end);
  if (!first || !last || last[0] <= first[0]) throw new Error('the program noted no work in a window');
  const [nanoseconds, units, cpuNanoseconds] = last.map((value, i) => value - first[i]);
  return { bySecond: (units / nanoseconds) * 1e9, byCpuSecond: (units / cpuNanoseconds) * 1e9 };
}

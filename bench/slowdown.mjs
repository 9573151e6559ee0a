import { setTimeout as sleep } from 'node:timers/promises';
import { cpuClock } from './lib/cpu-time.mjs';
import { spread, sum } from './lib/statistics.mjs';
import { count, number, percent, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { startSampler } from './lib/tool-run.mjs';

const CASES = [
  { intervalUs: 1000, mostPercent: 0.5 },
  { intervalUs: 100, mostPercent: 1.5 },
];
/** Until the slowest sampler has started. */
const START_SECONDS = 1;
/** How long a sampler runs, and then stands still, in turns: the speed of the machine drifts more slowly. */
const TURN_SECONDS = 0.25;
/** Between two turns, for the sampler to stop or go on. */
const CHANGE_SECONDS = 0.02;
export const NOTHING = { id: 'nothing', label: 'nothing (noise)' };

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
  const seconds = context.seconds(10);
  const all = [...tools, NOTHING];
  const results = new Map(all.map((tool) => [tool, []]));
  for (let run = 0; run < context.runs(3); run++) {
    for (const tool of all) {
      try {
        const { recording: _, ...figures } = await measureOne(tool, { python, seconds, intervalUs });
        results.get(tool).push(figures);
      } catch (error) {
        process.exitCode = 1;
        console.error(`FAILED, run ${run + 1} of ${context.runs(3)}: ${error.message}`);
      }
    }
  }
  const of = (tool, key) => spread(results.get(tool).flatMap((run) => run[key]));
  console.log(
    `\nPython ${python.version}, asked ${count(1e6 / intervalUs)} Hz, ${context.runs(3)} × ${seconds} s\n`,
  );
  console.log(
    table(
      [
        'sampler',
        'slowdown',
        '±',
        'by its CPU time',
        '±',
        'CPU of sampler',
        'ours ÷ it (CPU)',
        'CPU µs/sample',
      ],
      all.map((tool) => {
        const figures = ['slowdowns', 'byCpuTime'].flatMap((key) => {
          const { median, error } = of(tool, key);
          return [percent(median), percent(error)];
        });
        if (tool === NOTHING) return [tool.label, ...figures, '', '', ''];
        return [
          tool.label,
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
  const own = of(ours, 'slowdowns');
  context.targets.atMost(`slowdown: of a busy program, ${name}`, own.median * 100, mostPercent, ' %');
  for (const peer of peers) {
    const its = of(peer, 'slowdowns');
    context.targets.atMost(
      `slowdown: ours − ${peer.label} (limit: the ± of both), ${name}`,
      (own.median - its.median) * 100,
      Math.hypot(own.error, its.error) * 100,
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
 * One process, and turns: the sampler stands still, runs, stands still, …. The speed of the program in a turn with it is held
 * against the mean of the turns before and after: what differs between processes, and what drifts, falls out.
 *
 * @param program one that says at its end how much work it had done when
 */
export async function measureOne(tool, { python, seconds, intervalUs, program = 'work.py', args = [] }) {
  const body = async (pid) => {
    await sleep(START_SECONDS * 1000);
    if (tool === NOTHING) return { turns: await inTurns(seconds, () => {}) };
    const all = tool.pauses ? seconds : 2.5 * seconds;
    const options = { python, pid, intervalUs, seconds: Math.ceil(2 * START_SECONDS + all) };
    return tool.pauses ? aroundSampler(tool, options, seconds) : duringSampler(tool, options, seconds);
  };
  const { result, said } = await withTarget(python, program, body, args);
  const progress = JSON.parse(said);
  const turns = result.turns.map((turn) => ({ ...turn, ...speeds(progress, turn) }));
  const slower = (by) =>
    turns.flatMap((turn, i) =>
      turn.runs ? [1 - turn[by] / ((turns[i - 1][by] + turns[i + 1][by]) / 2)] : [],
    );
  return { ...result, turns, slowdowns: slower('bySecond'), byCpuTime: slower('byCpuSecond') };
}

/** A sampler that never holds the program is held itself, so that all turns are close together. */
async function duringSampler(tool, options, seconds) {
  const sampler = startSampler(tool, options);
  await sleep(START_SECONDS * 1000);
  let used = 0;
  const turns = await inTurns(seconds, (runs) => {
    process.kill(sampler.pid, runs ? 'SIGCONT' : 'SIGSTOP');
    const clock = cpuClock(sampler.pid);
    return () => {
      if (runs) used += clock();
    };
  });
  process.kill(sampler.pid, 'SIGCONT');
  const whole = await sampler.finished;
  const [on, off] = [true, false].map((runs) =>
    sum(turns.filter((turn) => turn.runs === runs).map(lengthOf)),
  );
  const recording = { ...whole, seconds: whole.seconds - off };
  return { turns, cpu: used / on, cpuUsPerSample: cpuUsPerSample(used / on, recording), recording };
}

/** One that holds the program could leave it held: it has one long turn. */
async function aroundSampler(tool, options, seconds) {
  const turns = [await turn(false, seconds / 2)];
  const sampler = startSampler(tool, options);
  await sleep(START_SECONDS * 1000);
  const clock = cpuClock(sampler.pid);
  turns.push(await turn(true, seconds));
  const cpu = clock() / lengthOf(turns[1]);
  const recording = await sampler.finished;
  turns.push(await turn(false, seconds / 2));
  return { turns, cpu, cpuUsPerSample: cpuUsPerSample(cpu, recording), recording };
}

/** @param cpu the share of a processor that the sampler took */
function cpuUsPerSample(cpu, { samples, seconds }) {
  return (cpu / (samples / seconds)) * 1e6;
}

/** Turns of both kinds for so many seconds each. `change` is told which begins, and returns what to do at its end. */
async function inTurns(seconds, change) {
  const turns = [];
  for (let i = 0; i <= 2 * Math.round(seconds / TURN_SECONDS); i++) {
    const runs = i % 2 === 1;
    const end = change(runs);
    await sleep(CHANGE_SECONDS * 1000);
    turns.push(await turn(runs, TURN_SECONDS));
    end?.();
  }
  return turns;
}

/** Lets time pass and tells which: on the monotonic clock, which Python's monotonic_ns reads too. */
async function turn(runs, seconds) {
  const begin = Number(process.hrtime.bigint());
  await sleep(seconds * 1000);
  return { runs, begin, end: Number(process.hrtime.bigint()) };
}

function lengthOf({ begin, end }) {
  return (end - begin) / 1e9;
}

/** Units of work a second, and a second of the program's CPU time, between the notes nearest to a turn's ends. */
function speeds(progress, { begin, end }) {
  const first = progress.find(([at]) => at >= begin);
  const last = progress.findLast(([at]) => at <= end);
  if (!first || !last || last[0] <= first[0]) throw new Error('the program noted no work in a turn');
  const [nanoseconds, units, cpuNanoseconds] = last.map((value, i) => value - first[i]);
  return { bySecond: (units / nanoseconds) * 1e9, byCpuSecond: (units / cpuNanoseconds) * 1e9 };
}

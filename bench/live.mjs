import { setTimeout as sleep } from 'node:timers/promises';
import { firstSampleAt, savedFromPage, savedFromTerminal } from './lib/first-sample.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { startOnPage, viewEvents, viewSocket } from './lib/page-viewer.mjs';
import { canOpenPty, cpuClockOf, memoryOf, startOnPty } from './lib/pty.mjs';
import { scratchFolder } from './lib/scratch.mjs';
import { executable } from './lib/search.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, percent, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { cli } from './tools/ours.mjs';

const HERTZ = 1000;
/** A function of the program: a view that shows it has begun. */
const NAME = 'inner';
const START_SECONDS = 20;
/** Until a view draws as it does all the time. */
const WARM_SECONDS = 2;

const MOST_START_MS = 600;
const MOST_AFTER_SAMPLE_MS = 300;
const MOST_CPU_PERCENT = 10;
/** Of ours, as the targets name them. */
const OURS = ['ours, terminal', 'ours, browser'];

export const live = {
  name: 'live',
  title:
    'live views in the terminal and in the browser: until the first function is shown, CPU and memory of all their processes',
  async run(context) {
    if (!canOpenPty) throw new Error('util-linux’s script, which gives programs a terminal, is not there');
    const raw = [];
    for (const python of context.comparedPythons()) raw.push(await measureAll(context, python));
    return raw;
  },
};

async function measureAll(context, python) {
  const tools = toolsFor(python).filter(({ label }) => OURS.includes(label) || context.wantsPeer(label));
  const seconds = context.seconds(10);
  const results = await interleaved(tools, context.runs(5), (tool) => measure(tool, python, seconds));
  const of = (tool, key) => median(results.get(tool).map((run) => run[key]));
  /** Each is compared with ours of its kind. */
  const oursFor = (tool) => tools.find(({ label, isPage }) => OURS.includes(label) && isPage === tool.isPage);
  console.log(`\nPython ${python.version}, asked ${count(HERTZ)} Hz, windows of ${seconds} s\n`);
  console.log(
    table(
      ['view', 'start ms', 'after first sample ms', 'CPU', 'ours ÷ it (CPU)', 'memory MB', 'kB/s sent'],
      tools.map((tool) => [
        tool.label,
        count(of(tool, 'startMs')),
        count(of(tool, 'afterSampleMs')),
        percent(of(tool, 'cpu')),
        ratio(of(oursFor(tool), 'cpu'), of(tool, 'cpu')),
        number(of(tool, 'memory') / 1e6),
        number(of(tool, 'drawn') / 1e3),
      ]),
    ),
  );
  const { targets } = context;
  for (const ours of tools.filter(({ label }) => OURS.includes(label))) {
    targets.atMost(
      `live: ${ours.label}, start, ${python.version}`,
      of(ours, 'startMs'),
      MOST_START_MS,
      ' ms',
    );
    targets.atMost(
      `live: ${ours.label}, after the first sample, ${python.version}`,
      of(ours, 'afterSampleMs'),
      MOST_AFTER_SAMPLE_MS,
      ' ms',
    );
    targets.atMost(
      `live: ${ours.label}, CPU, ${python.version}`,
      of(ours, 'cpu') * 100,
      MOST_CPU_PERCENT,
      ' %',
    );
  }
  return {
    python: python.version,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

/** Ours and the peers that are there; those for the version of the program only where they can look at it. */
function toolsFor(python) {
  const [austinTui, austinWeb, pySpy] = ['austin-tui', 'austin-web', 'py-spy'].map(executable);
  const rate = ['--sampling-rate', String(HERTZ)];
  return [
    { ...onTerminal(OURS[0], (pid) => [process.execPath, cli, 'top', '-i', '1ms', '-p', pid]), isOurs: true },
    {
      ...onPage(OURS[1], (pid) => [process.execPath, cli, 'web', '-i', '1ms', '-p', pid], viewEvents),
      isOurs: true,
    },
    ...(austinTui ? [onTerminal('austin-tui', (pid) => [austinTui, '-i', '1000', '-p', pid])] : []),
    ...(austinWeb ? [onPage('austin-web', (pid) => [austinWeb, '-i', '1000', '-p', pid], viewSocket)] : []),
    ...(pySpy
      ? [onTerminal('py-spy top', (pid) => [pySpy, 'top', '--rate', String(HERTZ), '--pid', pid])]
      : []),
    ...(python.hasProfiler
      ? [
          onTerminal('profiling.sampling --live', (pid) => [
            python.path,
            '-m',
            'profiling.sampling',
            'attach',
            '--live',
            ...rate,
            '--duration',
            '600',
            pid,
          ]),
        ]
      : []),
  ];
}

function onTerminal(label, command) {
  return {
    label,
    isPage: false,
    start: (pid, onOutput, folder) => startOnPty(command(pid), onOutput, folder),
    saved: savedFromTerminal,
  };
}

function onPage(label, command, view) {
  const url = /http:\/\/[\w.-]+:\d+(?:\/\S*)?/;
  const start = (pid, onOutput) => startOnPage({ command: command(pid), url, view }, onOutput);
  return { label, isPage: true, start, saved: savedFromPage };
}

async function measure({ start, saved, isOurs }, python, seconds) {
  const folder = scratchFolder('view');
  const { result } = await withTarget(python, 'spin.py', async (pid) => {
    const begin = performance.now();
    let text = '';
    let startMs;
    let shownAt;
    let bytes = 0;
    const onOutput = (chunk) => {
      bytes += chunk.length;
      if (startMs !== undefined) return;
      text += chunk;
      if (!text.includes(NAME)) return;
      startMs = performance.now() - begin;
      shownAt = Date.now();
    };
    const view = start(String(pid), onOutput, folder);
    try {
      for (let waited = 0; startMs === undefined; waited += 0.02) {
        if (waited > START_SECONDS)
          throw new Error(`no function shown: ${view.printed?.() ?? ''}${text.slice(-300)}`);
        await sleep(20);
      }
      await sleep(WARM_SECONDS * 1000);
      const pids = view.pids();
      const [clock, before, windowBegin] = [cpuClockOf(pids), bytes, performance.now()];
      await sleep(seconds * 1000);
      const elapsed = (performance.now() - windowBegin) / 1000;
      const numbers = {
        startMs,
        cpu: clock() / elapsed,
        memory: memoryOf(pids),
        drawn: (bytes - before) / elapsed,
      };
      // Of others nobody knows when they took their first one.
      const afterSampleMs = isOurs ? shownAt - firstSampleAt(await saved(view, folder)) : undefined;
      return { ...numbers, afterSampleMs };
    } finally {
      await view.end();
    }
  });
  return result;
}

import { CLASSES, countOf } from './lib/classes.mjs';
import { sampleFor } from './lib/context.mjs';
import { cpuClock } from './lib/cpu-time.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { churnJudge, execLoopJudge } from './lib/judges.mjs';
import { median, sum } from './lib/statistics.mjs';
import { count, percent, percentageOf, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';

const INTERVAL_US = 100;
const OLDEST_MINOR = 11;
const PROGRAMS = [
  { program: 'churn.py', what: 'nothing but calls', judgeOf: churnJudge },
  { program: 'exec_loop.py', what: 'code objects at reused addresses', judgeOf: execLoopJudge },
];

export const impossible = {
  name: 'impossible',
  title: 'stacks that never existed, among those that each sampler calls valid; 10 kHz asked',
  async run(context) {
    const raw = [];
    for (const python of context.pythons.filter(({ minor }) => minor >= OLDEST_MINOR)) {
      const tools = await context.samplersFor(python);
      for (const load of PROGRAMS.filter(({ program }) => context.wantsProgram(program))) {
        raw.push(await measure(context, python, tools, load));
      }
    }
    return raw;
  },
};

async function measure(context, python, tools, load) {
  const seconds = context.seconds(5);
  const runs = context.runs(3);
  const results = await interleaved(tools, runs, (tool) => measureOne(tool, python, seconds, load));
  const [ours] = tools;
  const own = results.get(ours);
  const samplesOf = (tool) => sum(results.get(tool).map((run) => run.samples));
  while (context.samples > samplesOf(ours)) own.push(await measureOne(ours, python, seconds, load));

  const total = (tool, key) => sum(results.get(tool).map((run) => run[key]));
  console.log(`\nPython ${python.version}, ${load.what}, ${runs} × ${seconds} s\n`);
  console.log(
    table(
      ['sampler', 'samples', 'called valid', 'impossible', 'wrong line', 'of valid', 'program ran'],
      tools.map((tool) => [
        tool.label,
        count(samplesOf(tool)),
        percentageOf(total(tool, 'valid'), samplesOf(tool)),
        count(total(tool, 'stack')),
        count(total(tool, 'line')),
        percentageOf(total(tool, 'stack') + total(tool, 'line'), total(tool, 'valid')),
        // A program that does not run calls nothing: on a busy machine, or while it is paused, every stack holds still.
        percent(median(results.get(tool).map((run) => run.targetCpu))),
      ]),
    ),
  );
  const all = countOf(CLASSES, own);
  const shares = CLASSES.map((name) => `${name} ${percentageOf(countOf([name], own), all)}`);
  console.log(
    `\nours: ${shares.join(', ')}; wrong among those marked as not whole: ${total(ours, 'marked')}`,
  );
  for (const { example } of own) if (example) console.log(`ours, wrong: ${example}`);
  const name = `${python.version}, ${load.program}`;
  context.targets.atMost(
    `impossible: wrong among ${count(total(ours, 'valid'))} called valid, ${name}`,
    total(ours, 'stack') + total(ours, 'line'),
    0,
  );
  return {
    python: python.version,
    program: load.program,
    tools: tools.map((tool) => ({ tool: tool.label, runs: results.get(tool) })),
  };
}

async function measureOne(tool, python, seconds, { program, judgeOf }) {
  const { result } = await withTarget(python, program, async (pid, truth) => {
    const [begin, cpu] = [performance.now(), cpuClock(pid)];
    const recording = await sampleFor(tool, { python, pid, seconds, intervalUs: INTERVAL_US });
    const targetCpu = cpu() / ((performance.now() - begin) / 1000);
    return { ...recording, targetCpu, judge: judgeOf(truth) };
  });
  const { samples, targetCpu, counts = {}, judge } = result;
  const found = { valid: 0, stack: 0, line: 0, marked: 0 };
  let example;
  // A sample without a stack makes no claim.
  for (const stack of result.stacks.filter(({ frames }) => frames.length > 0)) {
    const wrong = judge(stack.frames);
    if (stack.isValid) found.valid += stack.count;
    if (wrong) found[stack.isValid ? wrong : 'marked'] += stack.count;
    if (wrong) example ??= stack.frames.map(({ name, line }) => `${name}:${line}`).join(' > ');
  }
  return { samples, ...found, example, targetCpu, counts };
}

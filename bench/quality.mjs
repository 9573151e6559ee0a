import { CLASSES, countOf, failedAttempts, MARKED } from './lib/classes.mjs';
import { sampleFor } from './lib/context.mjs';
import { sum } from './lib/statistics.mjs';
import { count, number, percentageOf, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { ours } from './tools/ours.mjs';

const INTERVALS_US = [1000, 100];
const ORDINARY_PERCENT = 1;
const PROGRAMS = [
  { program: 'json_encoder.py', most: ORDINARY_PERCENT },
  { program: 'tokenizer.py', most: ORDINARY_PERCENT },
  { program: 'generators.py', most: ORDINARY_PERCENT },
  { program: 'asyncio_work.py', most: ORDINARY_PERCENT },
  { program: 'backtracking.py', most: ORDINARY_PERCENT },
  { program: 'objects.py', most: ORDINARY_PERCENT },
  { program: 'exec_loop.py', most: ORDINARY_PERCENT },
  { program: 'churn.py', most: 5 },
];
const REASONS_SHOWN = 3;

export const quality = {
  name: 'quality',
  title: 'what our sampler says of its own samples, in ordinary programs and in one that only calls',
  async run(context) {
    const raw = [];
    for (const python of context.pythons) {
      for (const intervalUs of context.cases(INTERVALS_US))
        raw.push(await measure(context, python, intervalUs));
    }
    return raw;
  },
};

async function measure(context, python, intervalUs) {
  const seconds = context.seconds(5);
  const programs = PROGRAMS.filter(({ program }) => context.wantsProgram(program));
  const results = new Map(programs.map(({ program }) => [program, []]));
  for (let run = 0; run < context.runs(2); run++) {
    for (const { program } of programs) {
      results.get(program).push(await measureOne(python, program, seconds, intervalUs));
    }
  }
  const rate = `${count(1e6 / intervalUs)} Hz`;
  console.log(`\nPython ${python.version}, ${rate}, ${context.runs(2)} × ${seconds} s\n`);
  console.log(
    table(
      ['program', 'samples', 'rounds', ...CLASSES.map((name) => `${name} %`), 'at most', 'attempts failed'],
      programs.map(({ program, most }) => {
        const runs = results.get(program);
        const samples = sum(runs.map((each) => each.samples));
        const marked = (countOf(MARKED, runs) / samples) * 100;
        context.targets.atMost(
          `quality: cut or invalid, ${program}, ${python.version}, ${rate}`,
          marked,
          most,
          ' %',
        );
        const reasons = failedAttempts(runs).slice(0, REASONS_SHOWN);
        return [
          program,
          count(samples),
          // Of those that the time had room for: what came late was not made up for.
          percentageOf(countOf(['rounds'], runs), (sum(runs.map((each) => each.seconds)) * 1e6) / intervalUs),
          ...CLASSES.map((name) => number((countOf([name], runs) / samples) * 100)),
          `${most} %: ${marked <= most ? 'yes' : 'NO'}`,
          reasons.map(([reason, times]) => `${reason} ${number((times / samples) * 100)} %`).join(', '),
        ];
      }),
    ),
  );
  return {
    python: python.version,
    intervalUs,
    programs: programs.map(({ program }) => ({ program, runs: results.get(program) })),
  };
}

async function measureOne(python, program, seconds, intervalUs) {
  const { result } = await withTarget(python, program, (pid) =>
    sampleFor(ours, { python, pid, seconds, intervalUs }),
  );
  const { samples, counts } = result;
  const counted = countOf(CLASSES, [result]);
  // The file, its own count, and the classes: a sample that is nowhere, or twice, would make every share wrong.
  if (counted !== samples) throw new Error(`${program}: ${samples} samples, and ${counted} in a class`);
  return { samples, seconds: result.seconds, counts };
}

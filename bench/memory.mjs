import { rmSync, statSync } from 'node:fs';
import { ourCommand } from './convert.mjs';
import { interleaved } from './lib/interleaved.mjs';
import { measuredCommand } from './lib/measured-command.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, table } from './lib/table.mjs';
import { requireWeight } from './lib/weigh-output.mjs';
import { HUGE, writeRecording } from './recordings.mjs';

/** Peak memory of a converter, in MB at most. */
const MOST_MB = { collapsed: 200, pprof: 600, speedscope: 600, html: 600 };

export const memory = {
  name: 'memory',
  title:
    'peak memory of a process that converts a gigabyte of MOJO; ours alone, on which the peers would take hours',
  async run(context) {
    const recording = context.quick ? { ...HUGE, samples: HUGE.samples / 100 } : HUGE;
    const mojo = scratchFile(`${recording.name}.mojo`);
    const truth = writeRecording(mojo, recording);
    const formats = Object.keys(MOST_MB);
    const results = await interleaved(formats, context.runs(1), (format) =>
      measure(context, mojo, format, truth),
    );

    console.log(`\n${count(recording.samples)} samples, MOJO ${count(statSync(mojo).size / 1e6)} MB\n`);
    const of = (format, key) => median(results.get(format).map((run) => run[key]));
    console.log(
      table(
        ['to', 'peak MB', 'CPU s', 'out MB'],
        formats.map((format) => [
          format,
          count(of(format, 'peakBytes') / 1e6),
          number(of(format, 'cpu')),
          count(of(format, 'outputBytes') / 1e6),
        ]),
      ),
    );
    for (const [format, most] of Object.entries(MOST_MB)) {
      context.targets.atMost(`memory: to ${format}`, of(format, 'peakBytes') / 1e6, most, ' MB');
    }
    rmSync(mojo);
    return formats.map((format) => ({ ...recording, format, runs: results.get(format) }));
  },
};

async function measure({ main }, mojo, format, truth) {
  const output = scratchFile(`output.${format}`);
  try {
    const cost = await measuredCommand(main, ourCommand(mojo, format, output));
    await requireWeight(format, output, truth, format);
    return { ...cost, outputBytes: statSync(output).size };
  } finally {
    rmSync(output, { force: true });
  }
}

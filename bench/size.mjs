import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { interleaved } from './lib/interleaved.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';
import { withTarget } from './lib/target.mjs';
import { startSampler } from './lib/tool-run.mjs';

const INTERVAL_US = 1000;
const PROGRAM = 'threads.py';
const MOST_BYTES = 1;

export const size = {
  name: 'size',
  title: 'bytes of a recording per thread-sample; five busy threads, 40 frames deep, 1 kHz asked',
  async run(context) {
    const raw = [];
    for (const python of context.comparedPythons()) {
      const tools = await context.samplersFor(python);
      raw.push(await measure(context, python, tools.flatMap(encodingsOf)));
    }
    return raw;
  },
};

/** Ways to write every sample. What a sampler adds up as it goes grows with the program, not with the samples. */
function encodingsOf(tool) {
  return (tool.encodings ?? []).map((encoding) => ({ ...tool, ...encoding }));
}

async function measure(context, python, encodings) {
  const seconds = context.seconds(20);
  const results = await interleaved(encodings, context.runs(3), async (encoding) => {
    const { result } = await withTarget(
      python,
      PROGRAM,
      (pid) => startSampler(weighing(encoding), { python, pid, seconds, intervalUs: INTERVAL_US }).finished,
    );
    const { samples, bytes, gzippedBytes } = result;
    return { samples, bytes, gzippedBytes };
  });
  const each = (encoding, key) => median(results.get(encoding).map((run) => run[key] / run.samples));
  const smallest = encodings.findLast(({ id }) => id === 'ours');
  console.log(`\nPython ${python.version}, ${seconds} s\n`);
  console.log(
    table(
      ['recording', 'thread-samples', 'bytes each', 'gzipped', 'ours compressed ÷ it'],
      encodings.map((encoding) => [
        encoding.label,
        count(median(results.get(encoding).map((run) => run.samples))),
        number(each(encoding, 'bytes')),
        encoding.isCompressed ? '' : number(each(encoding, 'gzippedBytes')),
        ratio(each(smallest, 'bytes'), each(encoding, 'bytes')),
      ]),
    ),
  );
  context.targets.atMost(
    `size: bytes per thread-sample, compressed, ${python.version}`,
    each(smallest, 'bytes'),
    MOST_BYTES,
  );
  return {
    python: python.version,
    encodings: encodings.map((encoding) => ({ encoding: encoding.label, runs: results.get(encoding) })),
  };
}

function weighing(encoding) {
  return {
    ...encoding,
    async read(output, context) {
      const { samples, seconds } = await encoding.read(output, context);
      const bytes = readFileSync(output);
      const gzippedBytes = encoding.isCompressed ? undefined : gzipSync(bytes).length;
      return { samples, seconds, bytes: bytes.length, gzippedBytes };
    },
  };
}

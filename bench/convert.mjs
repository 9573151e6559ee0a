import { readFileSync, rmSync, statSync } from 'node:fs';
import { readMojo } from '../packages/mojo/dist/index.js';
import { ProfileBuilder } from '../packages/profile/dist/index.js';
import { interleaved } from './lib/interleaved.mjs';
import { measuredCommand } from './lib/measured-command.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { executable } from './lib/search.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';
import { weighOutput } from './lib/weigh-output.mjs';
import { RECORDINGS, writeRecording } from './recordings.mjs';
import { cli } from './tools/ours.mjs';

/** The reference's converters to speedscope and pprof read collapsed text only; ours is measured from both. */
const PEERS = { collapsed: 'mojo2austin', speedscope: 'austin2speedscope', pprof: 'austin2pprof' };
/** Rounding to whole units, at most. */
const TOLERANCE = 1e-6;

export const convert = {
  name: 'convert',
  title: 'whole processes that convert a recording, and decoding alone',
  async run(context) {
    for (const name of Object.values(PEERS).filter((peer) => !executable(peer)))
      console.log(`not found: ${name}`);
    const raw = [];
    for (const recording of RECORDINGS) {
      const shrunk = context.quick ? { ...recording, samples: recording.samples / 20 } : recording;
      raw.push(await measureRecording(context, shrunk));
    }
    return raw;
  },
};

async function measureRecording(context, recording) {
  const mojo = scratchFile(`${recording.name}.mojo`);
  const collapsed = scratchFile(`${recording.name}.collapsed`);
  const truth = writeRecording(mojo, recording);
  await measuredCommand(context.main, ourCommand(mojo, 'collapsed', collapsed));

  const { samples, depth, threads } = recording;
  console.log(
    `\n${recording.name}: ${count(samples)} samples, about ${depth} frames, threads: ${threads}; ` +
      `MOJO ${count(statSync(mojo).size / 1e3)} kB, collapsed ${count(statSync(collapsed).size / 1e3)} kB\n`,
  );
  const conversions = Object.keys(PEERS).flatMap((format) =>
    ofFormat(context, format, { ...recording, mojo, collapsed }),
  );
  const results = await interleaved(conversions, context.runs(3), (conversion) =>
    measureOne(context.main, conversion, truth),
  );
  printConversions(conversions, results, samples);
  const decoding = await decode(readFileSync(mojo), samples, context.runs(3));
  console.log(
    `\ndecoding alone, in this process: ${count(samples / median(decoding.map((run) => run.seconds)))} samples/s`,
  );
  rmSync(mojo);
  rmSync(collapsed);
  return {
    ...recording,
    conversions: conversions.map((conversion) => ({
      tool: conversion.label,
      format: conversion.format,
      runs: results.get(conversion),
    })),
    decoding,
  };
}

function ofFormat(context, format, { mojo, collapsed, isForOursAlone }) {
  const own = (from, input) => ({
    format,
    label: `${format}: ours, from ${from}`,
    command: (output) => ourCommand(input, format, output),
  });
  const peer = !isForOursAlone && context.wantsPeer(PEERS[format]) && executable(PEERS[format]);
  const peerInput = format === 'collapsed' ? mojo : collapsed;
  return [
    own('mojo', mojo),
    ...(format === 'collapsed' || isForOursAlone ? [] : [own('collapsed', collapsed)]),
    ...(peer
      ? [
          {
            format,
            isPeer: true,
            label: `${format}: ${PEERS[format]}`,
            command: (output) => [peer, peerInput, output],
          },
        ]
      : []),
  ];
}

function ourCommand(input, format, output) {
  return [process.execPath, cli, 'convert', input, '--to', format, '-o', output];
}

async function measureOne(python, { label, format, command }, truth) {
  const output = scratchFile(`output.${format}`);
  try {
    const cost = await measuredCommand(python, command(output));
    const weight = await weighOutput[format](output);
    if (Math.abs(weight / truth.totalUs - 1) > TOLERANCE) {
      throw new Error(`${label} wrote ${weight} µs of ${truth.totalUs}`);
    }
    return { ...cost, outputBytes: statSync(output).size };
  } finally {
    rmSync(output, { force: true });
  }
}

function printConversions(conversions, results, samples) {
  const of = (conversion, key) => median(results.get(conversion).map((run) => run[key]));
  const times = (conversion, key) => {
    const peer = conversions.find(({ format, isPeer }) => isPeer && format === conversion.format);
    return conversion.isPeer || !peer ? '' : ratio(of(peer, key), of(conversion, key));
  };
  console.log(
    table(
      [
        'to',
        'samples/s',
        'wall s',
        'CPU s',
        'peak MB',
        'out kB',
        'wall: it ÷ ours',
        'CPU: it ÷ ours',
        'peak: it ÷ ours',
      ],
      conversions.map((conversion) => [
        conversion.label,
        count(samples / of(conversion, 'wall')),
        number(of(conversion, 'wall')),
        number(of(conversion, 'cpu')),
        count(of(conversion, 'peakBytes') / 1e6),
        count(of(conversion, 'outputBytes') / 1e3),
        times(conversion, 'wall'),
        times(conversion, 'cpu'),
        times(conversion, 'peakBytes'),
      ]),
    ),
  );
}

/** From bytes in memory to a profile in memory. */
async function decode(bytes, samples, runs) {
  const results = [];
  for (let run = 0; run < runs; run++) {
    const builder = new ProfileBuilder();
    const begin = performance.now();
    await readMojo([bytes], builder);
    const seconds = (performance.now() - begin) / 1000;
    if (builder.build().samples.length !== samples) throw new Error('decoding lost samples');
    results.push({ seconds });
  }
  return results;
}

import { rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { interleaved } from './lib/interleaved.mjs';
import { measuredCommand } from './lib/measured-command.mjs';
import { scratchFile } from './lib/scratch.mjs';
import { executable } from './lib/search.mjs';
import { median } from './lib/statistics.mjs';
import { count, number, ratio, table } from './lib/table.mjs';
import { requireWeight } from './lib/weigh-output.mjs';
import { RECORDINGS, writeRecording } from './recordings.mjs';
import { cli } from './tools/ours.mjs';

/** The reference's converters to speedscope and pprof read collapsed text only; ours is measured from both. */
const PEERS = { collapsed: 'mojo2austin', speedscope: 'austin2speedscope', pprof: 'austin2pprof' };
/** How many times the CPU time of ours a peer should take for the same file, at least. */
const LEAST_TIMES = {
  collapsed: { shallow: 50, deep: 100 },
  speedscope: { shallow: 20, deep: 20 },
  pprof: { shallow: 50, deep: 50 },
};
const LEAST_DECODED = { shallow: 1_000_000 };
const DECODE = fileURLToPath(new URL('programs/decode.mjs', import.meta.url));

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
  promise(context, recording, conversions, results);
  const decoding = await decode(context, recording, mojo);
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

function ofFormat(context, format, { mojo, collapsed }) {
  const own = (from, input) => ({
    format,
    from,
    label: `${format}: ours, from ${from}`,
    command: (output) => ourCommand(input, format, output),
  });
  const peer = context.wantsPeer(PEERS[format]) && executable(PEERS[format]);
  const peerInput = format === 'collapsed' ? mojo : collapsed;
  return [
    own('mojo', mojo),
    ...(format === 'collapsed' ? [] : [own('collapsed', collapsed)]),
    ...(peer
      ? [
          {
            format,
            isPeer: true,
            from: peerInput === mojo ? 'mojo' : 'collapsed',
            label: `${format}: ${PEERS[format]}`,
            command: (output) => [peer, peerInput, output],
          },
        ]
      : []),
  ];
}

export function ourCommand(input, format, output) {
  return [process.execPath, cli, 'convert', input, '--to', format, '-o', output];
}

async function measureOne(python, { label, format, command }, truth) {
  const output = scratchFile(`output.${format}`);
  try {
    const cost = await measuredCommand(python, command(output));
    await requireWeight(format, output, truth, label);
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

/** Whether a peer takes so much more CPU time than ours, both from the file that the peer can read. */
function promise(context, { name }, conversions, results) {
  const cpu = (conversion) => median(results.get(conversion).map((run) => run.cpu));
  for (const peer of conversions.filter(({ isPeer }) => isPeer)) {
    const own = conversions.find(
      ({ isPeer, format, from }) => !isPeer && format === peer.format && from === peer.from,
    );
    context.targets.atLeast(
      `convert: CPU time of ${PEERS[peer.format]} ÷ ours, ${name}`,
      cpu(peer) / cpu(own),
      LEAST_TIMES[peer.format][name],
      '×',
    );
  }
}

/** From a file to a profile in memory, as a whole process. */
async function decode(context, { name, samples }, mojo) {
  const runs = [];
  for (let run = 0; run < context.runs(3); run++) {
    runs.push(await measuredCommand(context.main, [process.execPath, DECODE, mojo, `${samples}`]));
  }
  const perSecond = samples / median(runs.map(({ cpu }) => cpu));
  console.log(`\ndecoding into a profile, a whole process: ${count(perSecond)} samples a second of CPU time`);
  const least = LEAST_DECODED[name];
  if (least && !context.quick)
    context.targets.atLeast(`convert: samples decoded a second, ${name}`, perSecond, least);
  return runs;
}

import { readCollapsedRecording } from './read-collapsed.mjs';

const FRAME = /^(.*):([^:]*):(-?\d+)$/s;
const ARTIFICIAL = new Set(['<GC>', '<native>']);

/** CPython's own sampler, from 3.15 on. It samples only its own version, so it is run by the target's Python. */
export function findCpythonProfilers(pythons) {
  if (!pythons.some((python) => python.hasProfiler)) return { tools: [], notes: [] };
  return { tools: [toTool([]), toTool(['--blocking'])], notes: [] };
}

function toTool(flags) {
  const command = (format) => commandOf(flags, format);
  return {
    id: ['profiling.sampling', ...flags].join(' '),
    label: ['profiling.sampling', ...flags].join(' '),
    canSample: (python) => python.hasProfiler,
    command: command(['--collapsed']),
    // The first "frame" is the thread.
    read: (output, { log }) => readCollapsedRecording(output, secondsIn(log), toFrame, 1),
    // How it pauses the program has nothing to do with how it writes.
    encodings:
      flags.length > 0
        ? []
        : [binary('zstd', command, { isCompressed: true }), binary('none', command, { isCompressed: false })],
  };
}

/** Its own format, in which every sample is kept; how many there are only its words tell. */
function binary(compression, command, more) {
  return {
    ...more,
    label: `profiling.sampling --binary --compression ${compression}`,
    command: command(['--binary', '--compression', compression]),
    read: (_, { log }) => ({
      samples: Number(/Binary profile written to .* \((\d+) samples\)/.exec(log)?.[1]),
      seconds: secondsIn(log),
    }),
  };
}

function commandOf(flags, format) {
  return ({ python, pid, seconds, intervalUs, output }) => [
    python.path,
    '-m',
    'profiling.sampling',
    'attach',
    '--all-threads',
    ...flags,
    '--sampling-rate',
    String(intervalUs === 0 ? 1_000_000 : Math.round(1e6 / intervalUs)),
    '--duration',
    String(seconds),
    ...format,
    '--output',
    output,
    String(pid),
  ];
}

function secondsIn(log) {
  return Number(/Captured \d+ samples in ([\d.]+) seconds/.exec(log)?.[1]);
}

function toFrame(text) {
  const [, file = '', name = text, line = 0] = FRAME.exec(text) ?? [];
  return ARTIFICIAL.has(name) ? undefined : { name, file, line: Number(line) };
}

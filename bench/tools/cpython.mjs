import { readCollapsedRecording } from './read-collapsed.mjs';

const FRAME = /^.*:([^:]*):-?\d+$/s;
const ARTIFICIAL = new Set(['<GC>', '<native>']);

/** CPython's own sampler, from 3.15 on. It samples only its own version, so it is run by the target's Python. */
export function findCpythonProfilers(pythons) {
  if (!pythons.some((python) => python.hasProfiler)) return { tools: [], notes: [] };
  return { tools: [toTool([]), toTool(['--blocking'])], notes: [] };
}

function toTool(flags) {
  return {
    id: ['profiling.sampling', ...flags].join(' '),
    label: ['profiling.sampling', ...flags].join(' '),
    canSample: (python) => python.hasProfiler,
    command: ({ python, pid, seconds, intervalUs, output }) => [
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
      '--collapsed',
      '--output',
      output,
      String(pid),
    ],
    read: (output, { log }) => {
      const seconds = Number(/Captured \d+ samples in ([\d.]+) seconds/.exec(log)?.[1]);
      // The first "frame" is the thread.
      return readCollapsedRecording(output, seconds, toName, 1);
    },
  };
}

function toName(frame) {
  const name = FRAME.exec(frame)?.[1] ?? frame;
  return ARTIFICIAL.has(name) ? undefined : name;
}

import { tryOutput } from '../lib/output.mjs';
import { executable } from '../lib/search.mjs';
import { readCollapsedRecording } from './read-collapsed.mjs';

const FRAME = /^(.*) \(([^()]*?)(?::(\d+))?\)$/;

/** @param more options for all of them: one tool then, which has them */
export async function findPySpy(more) {
  const path = executable('py-spy');
  if (!path) return { tools: [], notes: [] };
  const { output, error } = await tryOutput(path, ['--version']);
  const version = /^py-spy (\S+)$/.exec(output ?? '')?.[1];
  if (!version) return { tools: [], notes: [`not usable: a py-spy that does not run: ${error ?? output}`] };
  return {
    tools: more
      ? [toTool(path, version, more)]
      : [toTool(path, version, ['--nonblocking']), toTool(path, version, [])],
    notes: [],
  };
}

function toTool(path, version, flags) {
  return {
    id: ['py-spy', ...flags].join(' '),
    label: [`py-spy ${version}`, ...flags].join(' '),
    version,
    pauses: !flags.includes('--nonblocking'),
    canSample: () => true,
    // `--idle`: threads that wait count too, as with the others. No `--duration`: it is a number of samples, and when
    // they come slower than asked for, it never ends; so it is interrupted.
    command: ({ pid, intervalUs, output }) => [
      path,
      'record',
      ...flags,
      '--idle',
      '--rate',
      String(rate(intervalUs)),
      '--format',
      'raw',
      '--output',
      output,
      '--pid',
      String(pid),
    ],
    begins: /Sampling process/,
    read: (output, { seconds }) => readCollapsedRecording(output, seconds, toFrame),
  };
}

function toFrame(text) {
  const [, name = text, file = '', line = 0] = FRAME.exec(text) ?? [];
  return { name, file, line: Number(line) };
}

/** There is no "as fast as you can": a rate that nothing reaches. */
function rate(intervalUs) {
  return intervalUs === 0 ? 1_000_000 : Math.round(1e6 / intervalUs);
}

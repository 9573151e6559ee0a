import type { RecordingMode } from '@austin-profiler/sampler';

/**
 * The mode that the options ask for. Where they ask for more than one, the one that shows most is taken.
 *
 * @returns `ignored`: a sentence about an option that has no effect
 */
export function combineModes(flags: { cpu?: boolean; memory?: boolean; full?: boolean }): {
  mode: RecordingMode;
  ignored?: string;
} {
  if (flags.full) {
    const others = [flags.memory && '--memory', flags.cpu && '--cpu'].filter(Boolean).join(' and ');
    if (others === '') return { mode: 'full' };
    return { mode: 'full', ignored: `${others} left out: --full shows memory and what is on a CPU` };
  }
  if (flags.memory) {
    if (!flags.cpu) return { mode: 'memory' };
    return { mode: 'memory', ignored: '--cpu left out: --memory shows no time; --full shows both' };
  }
  return { mode: flags.cpu ? 'cpu' : 'wall' };
}

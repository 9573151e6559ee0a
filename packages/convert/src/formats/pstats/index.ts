import type { Format } from '../../format.js';
import { SummingStream } from '../../summing-stream.js';
import { writePstats } from './write.js';

/** What Python's own `pstats` loads. */
export const pstats: Format = {
  id: 'pstats',
  title: 'pstats',
  extensions: ['.pstats', '.prof'],
  mediaType: 'application/octet-stream',
  loses: [
    'threads, interpreters and processes: all are summed',
    'stacks: functions and who called them are left',
    'the order of samples',
    'lines within functions',
    'all weights but one',
    'metadata',
    'the idle flag: idle samples are left out of CPU time',
  ],
  write: writePstats,
  stream: (options) => new SummingStream((profile) => writePstats(profile, options), 'weights'),
};

import type { Format } from '../../format.js';
import { SummingStream } from '../../summing-stream.js';
import { writeSvg } from './write.js';

/** A flame graph as a picture: for reports and web pages that allow no scripts. */
export const svg: Format = {
  id: 'svg',
  title: 'SVG flame graph',
  extensions: ['.svg'],
  mediaType: 'image/svg+xml',
  loses: [
    'the order of samples',
    'lines within functions',
    'control characters in names',
    'frames narrower than a third of a pixel',
    'metadata',
    'the idle flag: idle samples are left out of CPU time',
  ],
  write: writeSvg,
  stream: (options) => new SummingStream((profile) => writeSvg(profile, options)),
};

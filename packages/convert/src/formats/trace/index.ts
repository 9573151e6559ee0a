import type { Format } from '../../format.js';
import { detectTrace } from './detect.js';
import { writeTrace } from './write.js';

/** What https://ui.perfetto.dev and chrome://tracing open: the Trace Event format, as JSON. */
export const trace: Format = {
  id: 'trace',
  title: 'Chrome trace',
  extensions: ['.trace.json'],
  mediaType: 'application/json',
  loses: [
    'where one sample ends and the next begins: equal stacks are one slice',
    'lines within functions',
    'columns and end lines of frames',
    'who held the interpreter lock',
    'the idle flag: idle samples are gaps in CPU time',
  ],
  detect: detectTrace,
  read: async (...input) => (await import('./read.js')).readTrace(...input),
  write: writeTrace,
};

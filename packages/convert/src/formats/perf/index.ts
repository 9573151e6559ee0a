import type { Format } from '../../format.js';
import { detectPerf } from './detect.js';
import { readPerf } from './read.js';

/** The text that `perf script` prints. */
export const perf: Format = {
  id: 'perf',
  title: 'perf script text',
  extensions: ['.perf'],
  mediaType: 'text/plain; charset=utf-8',
  loses: [],
  detect: detectPerf,
  read: readPerf,
};

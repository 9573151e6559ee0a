import type { Format } from '../../format.js';
import { detectPerf } from './detect.js';

/** The text that `perf script` prints. */
export const perf: Format = {
  id: 'perf',
  title: 'perf script text',
  extensions: ['.perf'],
  mediaType: 'text/plain; charset=utf-8',
  loses: [],
  detect: detectPerf,
  read: async (...input) => (await import('./read.js')).readPerf(...input),
};

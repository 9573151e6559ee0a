import type { Format } from '../../format.js';
import { detectFirefox } from './detect.js';
import { writeFirefox } from './write.js';

/** What https://profiler.firefox.com opens: its processed format. */
export const firefox: Format = {
  id: 'firefox',
  title: 'Firefox Profiler',
  extensions: ['.firefox.json'],
  mediaType: 'application/json',
  gzip: true,
  loses: [
    'end lines and end columns of frames',
    'metadata about single threads and mapped files',
    'who held the interpreter lock',
  ],
  detect: detectFirefox,
  read: async (...input) => (await import('./read.js')).readFirefox(...input),
  write: writeFirefox,
};

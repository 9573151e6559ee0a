import type { Format } from '../../format.js';
import { detectFirefox } from './detect.js';
import { readFirefox } from './read.js';

/** What https://profiler.firefox.com opens: its processed format. */
export const firefox: Format = {
  id: 'firefox',
  title: 'Firefox Profiler',
  extensions: ['.firefox.json'],
  mediaType: 'application/json',
  loses: [],
  detect: detectFirefox,
  read: readFirefox,
};

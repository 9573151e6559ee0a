import type { Format } from '../../format.js';
import { detectTrace } from './detect.js';
import { readTrace } from './read.js';

/** What chrome://tracing and https://ui.perfetto.dev open: the Trace Event format, as JSON. */
export const trace: Format = {
  id: 'trace',
  title: 'Chrome trace',
  extensions: ['.trace.json'],
  mediaType: 'application/json',
  loses: [],
  detect: detectTrace,
  read: readTrace,
};

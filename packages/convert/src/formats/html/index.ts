import type { Format } from '../../format.js';
import { writeHtml } from './write.js';

/** A page that opens in any browser, offline: for looking at a profile and for passing it on. */
export const html: Format = {
  id: 'html',
  title: 'HTML flame graph',
  extensions: ['.html', '.htm'],
  mediaType: 'text/html',
  loses: ['order and times of samples', 'columns of frames', 'lines below 0.1 % of their thread'],
  write: writeHtml,
};

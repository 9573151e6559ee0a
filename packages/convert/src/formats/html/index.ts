import type { Format } from '../../format.js';

/** A page that opens in any browser, offline: for looking at a profile and for passing it on. */
export const html: Format = {
  id: 'html',
  title: 'HTML page: flame graph, time line, source',
  extensions: ['.html', '.htm'],
  mediaType: 'text/html',
  embedsSources: true,
  loses: [
    'single samples: they are added up over time',
    'addresses of machine code, and builds of libraries',
  ],
  async *write(...input) {
    yield* (await import('./write.js')).writeHtml(...input);
  },
};

import type { Format } from '../../format.js';
import { SummingStream } from '../../summing-stream.js';
import { detectPprof } from './detect.js';
import { writePprof } from './write.js';

/** What `go tool pprof` and many profile stores read. */
export const pprof: Format = {
  id: 'pprof',
  title: 'pprof',
  extensions: ['.pprof', '.pb'],
  mediaType: 'application/vnd.google.protobuf',
  gzip: true,
  loses: [
    'the order of samples: equal ones are summed',
    'end lines and end columns of frames',
    'metadata, but for comments',
    'who held the interpreter lock',
    'how far addresses of machine code are behind the start of their function',
  ],
  detect: detectPprof,
  read: async (...input) => (await import('./read.js')).readPprof(...input),
  write: writePprof,
  stream: (options) => new SummingStream((profile) => writePprof(profile, options)),
};

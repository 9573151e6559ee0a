import type { Format } from '../../format.js';
import { detectSpeedscope } from './detect.js';
import { SPEEDSCOPE_LIMITS } from './size.js';
import { SpeedscopeStream } from './stream.js';
import { writeSpeedscope } from './write.js';

/** The JSON that https://www.speedscope.app opens. */
export const speedscope: Format = {
  id: 'speedscope',
  title: 'speedscope JSON',
  extensions: ['.speedscope.json', '.json'],
  mediaType: 'application/json',
  loses: [
    'lines of frames, unless written by line',
    'end lines and columns of frames',
    'metadata',
    'who held the interpreter lock',
    'addresses of machine code, and builds of libraries',
    'samples without weight',
    'the idle flag: idle samples are left out of CPU time',
  ],
  detect: detectSpeedscope,
  read: async (...input) => (await import('./read.js')).readSpeedscope(...input),
  write: (profile, options) => writeSpeedscope(profile, options, SPEEDSCOPE_LIMITS),
  stream: (options) => new SpeedscopeStream(options),
};

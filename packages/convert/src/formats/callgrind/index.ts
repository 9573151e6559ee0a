import type { Format } from '../../format.js';
import { SummingStream } from '../../summing-stream.js';
import { writeCallgrind } from './write.js';

/** What KCachegrind and `callgrind_annotate` open. */
export const callgrind: Format = {
  id: 'callgrind',
  title: 'callgrind',
  extensions: ['.callgrind', '.cachegrind'],
  mediaType: 'text/plain; charset=utf-8',
  loses: [
    'functions by thread: a thread is a function that calls the others',
    'stacks: functions and who called them are left',
    'the order of samples',
    'columns and end lines of frames',
    'addresses of machine code, and builds of libraries',
    'control characters in names',
    'metadata',
    'the idle flag: idle samples are left out of CPU time',
  ],
  write: writeCallgrind,
  stream: (options) => new SummingStream((profile) => writeCallgrind(profile, options), 'weights'),
};

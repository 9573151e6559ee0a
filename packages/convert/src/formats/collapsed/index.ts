import type { Format } from '../../format.js';
import { LineStream } from '../../line-stream.js';
import { detectCollapsed } from './detect.js';
import { readCollapsed } from './read.js';
import { collapsedLines, writeCollapsed } from './write.js';

/** Folded stacks as text: Austin's lines, FlameGraph's, py-spy's. */
export const collapsed: Format = {
  id: 'collapsed',
  title: 'Collapsed text',
  extensions: ['.austin', '.aus', '.collapsed', '.folded', '.txt'],
  mediaType: 'text/plain; charset=utf-8',
  loses: [
    'end lines and columns of frames',
    'semicolons and line breaks in names',
    'who held the interpreter lock',
    'the idle flag and the other metric, except in full mode',
  ],
  detect: detectCollapsed,
  read: readCollapsed,
  write: writeCollapsed,
  stream: () => new LineStream(collapsedLines),
};

import type { Format } from '../../format.js';
import { SummingStream } from '../../summing-stream.js';
import { writeMarkdown, writeText } from './write.js';

const LOSES = [
  'stacks: functions, lines and threads are summed',
  'all but the heaviest functions and lines',
  'the order of samples',
  'metadata, but for what says where the profile comes from',
  'control characters in names',
];

/** Tables of the hottest functions and lines, for a pull request or an issue. */
export const markdown: Format = {
  id: 'markdown',
  title: 'Markdown summary',
  extensions: ['.md', '.markdown'],
  mediaType: 'text/markdown; charset=utf-8',
  loses: LOSES,
  write: writeMarkdown,
  stream: (options) => new SummingStream((profile) => writeMarkdown(profile, options), 'weights'),
};

/** The same as plain text, for a terminal. */
export const text: Format = {
  id: 'text',
  title: 'Text summary',
  extensions: ['.summary.txt'],
  mediaType: 'text/plain; charset=utf-8',
  loses: LOSES,
  write: writeText,
  stream: (options) => new SummingStream((profile) => writeText(profile, options), 'weights'),
};

import type { Format } from '../../format.js';
import { LineStream } from '../../line-stream.js';
import { jsonLines, writeJsonLines } from './write.js';

/** One JSON object per line, each complete by itself: for `jq`, data frames and log pipelines. */
export const jsonl: Format = {
  id: 'jsonl',
  title: 'JSON lines',
  extensions: ['.jsonl', '.ndjson'],
  mediaType: 'application/jsonl; charset=utf-8',
  loses: [],
  write: writeJsonLines,
  stream: () => new LineStream(jsonLines),
};

import type { Format } from './format.js';
import { callgrind } from './formats/callgrind/index.js';
import { collapsed } from './formats/collapsed/index.js';
import { cpuprofile } from './formats/cpuprofile/index.js';
import { firefox } from './formats/firefox/index.js';
import { html } from './formats/html/index.js';
import { jsonl } from './formats/jsonl/index.js';
import { mojo } from './formats/mojo/index.js';
import { perf } from './formats/perf/index.js';
import { pprof } from './formats/pprof/index.js';
import { pstats } from './formats/pstats/index.js';
import { speedscope } from './formats/speedscope/index.js';
import { markdown, text } from './formats/summary/index.js';
import { svg } from './formats/svg/index.js';
import { trace } from './formats/trace/index.js';

/** Every format, in the order detection asks them: those with a signature before plain text. */
export const formats: readonly Format[] = [
  mojo,
  speedscope,
  pprof,
  cpuprofile,
  firefox,
  trace,
  perf,
  collapsed,
  html,
  callgrind,
  pstats,
  jsonl,
  svg,
  markdown,
  text,
];

/** The format with this id, or undefined. */
export function formatById(id: string): Format | undefined {
  return formats.find((format) => format.id === id);
}

/** The format whose ending a file name has, the longest ending first; `.gz` or `.zst` after it does not count. */
export function formatByFileName(fileName: string): Format | undefined {
  const name = fileName.toLowerCase().replace(/\.(gz|zst)$/, '');
  let best: { format: Format; length: number } | undefined;
  for (const format of formats) {
    for (const extension of format.extensions) {
      if (!name.endsWith(extension) || extension.length <= (best?.length ?? 0)) continue;
      best = { format, length: extension.length };
    }
  }
  return best?.format;
}

import type { InspectedEvent, MojoInspection } from '@austin-profiler/mojo';
import type { Colors } from '../output/colors.js';
import { diagnosticText } from '../output/conversion-notes.js';
import { count, percent } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { tableLines } from '../output/table.js';
import { hexDump } from './hex-dump.js';
import { type Inspected, isDamaged } from './inspect.js';

/** `      41     2     1  FRAME_REF 7: app.py:main:10`: offset, size, sample, and what it says. */
export function eventLine({ event, sample, text, problems }: InspectedEvent): string {
  const place = [
    String(event.offset).padStart(10),
    String(event.size).padStart(6),
    String(sample).padStart(8),
  ];
  const notes = problems.map((problem) => `  <-- ${printable(problem)}`);
  return `${place.join(' ')}  ${printable(text)}${notes.join('')}`;
}

export const EVENT_HEAD = `${'offset'.padStart(10)} ${'size'.padStart(6)} ${'sample'.padStart(8)}  event`;

/** What a file is made of, and what is wrong with it. */
export function inspectionText(found: Inspected, colors: Colors): string {
  const { inspection, findings, findingCount, packing } = found;
  const { version, bytes, samples } = inspection;
  const lines = [
    `MOJO version ${version}, ${count(bytes)} bytes, ${samples === 1 ? '1 sample' : `${count(samples)} samples`}`,
    '',
    ...shareLines(inspection, colors),
    '',
  ];
  if (!isDamaged(found)) return [...lines, 'No damage was found.'].join('\n');
  for (const diagnostic of [...packing, ...inspection.diagnostics]) lines.push(diagnosticText(diagnostic));
  if (findings.length > 0) {
    lines.push('', colors.dim(EVENT_HEAD), ...findings.map(eventLine));
    if (findingCount > findings.length) lines.push(`and ${count(findingCount - findings.length)} more`);
  }
  return [...lines, ...damageLines(inspection)].join('\n');
}

function shareLines({ shares, bytes }: MojoInspection, colors: Colors): string[] {
  const columns = [
    { title: 'event', align: 'left' },
    { title: 'count', align: 'right' },
    { title: 'bytes', align: 'right' },
    { title: '', align: 'right' },
  ] as const;
  const rows = shares.map((share) => [
    share.name,
    count(share.count),
    count(share.bytes),
    percent(share.bytes, bytes),
  ]);
  return tableLines(columns, rows, colors.dim);
}

function damageLines({ damage }: MojoInspection): string[] {
  if (!damage) return [];
  const { lastEvent, offset, context, contextOffset } = damage;
  const before = lastEvent
    ? `The last whole event has ${count(lastEvent.size)} bytes at offset ${lastEvent.offset}; `
    : 'No event is whole; ';
  return [
    '',
    `${before}the one behind it, at offset ${offset} (0x${offset.toString(16)}), cannot be read:`,
    ...hexDump(context, contextOffset, offset),
  ];
}

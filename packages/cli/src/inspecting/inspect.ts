import { unpack } from '@austin-profiler/convert';
import { type InspectedEvent, type MojoInspection, MojoInspector } from '@austin-profiler/mojo';
import type { Diagnostic } from '@austin-profiler/profile';
import { ShownReading } from '../converting/reading.js';

/** An event with something wrong about it. */
export type Finding = Pick<InspectedEvent, 'event' | 'sample' | 'text' | 'problems'>;

export interface Inspected {
  readonly inspection: MojoInspection;
  /** The first events with problems; there may be one in every sample of a large file. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  /** Damage of what packs the file. */
  readonly packing: readonly Diagnostic[];
}

/** Findings that are kept. */
const MAX_FINDINGS = 20;

/**
 * Reads a MOJO file, gzipped or not, event by event. Offsets are those of the unpacked bytes.
 *
 * @param onEvents is given the events of each piece of the input in their order, and waited for
 * @throws AustinError `ERR_INPUT_READ`, `ERR_USAGE_TERMINAL`, or of kind `data` for what is not MOJO 1 to 4
 */
export async function inspectInput(
  input: string,
  onEvents?: (events: readonly InspectedEvent[]) => Promise<void>,
): Promise<Inspected> {
  const inspector = new MojoInspector({ events: onEvents ? 'all' : 'problems' });
  const findings: Finding[] = [];
  let findingCount = 0;
  const packing: Diagnostic[] = [];
  const bytes = unpack(new ShownReading(input), { onDiagnostic: (diagnostic) => packing.push(diagnostic) });
  for await (const chunk of bytes) {
    const events = inspector.push(chunk);
    for (const event of events) {
      if (event.problems.length === 0) continue;
      findingCount++;
      if (findings.length < MAX_FINDINGS) findings.push(event);
    }
    await onEvents?.(events);
  }
  return { inspection: inspector.end(), findings, findingCount, packing };
}

/** Whether something of the file is lost or doubtful. */
export function isDamaged({ inspection, findingCount, packing }: Inspected): boolean {
  return inspection.damage !== undefined || inspection.diagnostics.length + packing.length + findingCount > 0;
}

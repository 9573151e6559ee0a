import { hostname, release } from 'node:os';

/**
 * Where a recording comes from, for the head of the file.
 *
 * @param start the time of the start on the wall clock
 */
export function provenance(options: {
  command: readonly string[] | undefined;
  start: Date;
  version: string;
}): Record<string, string> {
  return {
    'x-exporter': `austin-profiler ${options.version}`,
    'x-start-time': options.start.toISOString(),
    'x-host': hostname(),
    'x-platform': `${process.platform}-${process.arch} ${release()}`,
    ...(options.command && { 'x-command': JSON.stringify(options.command) }),
  };
}

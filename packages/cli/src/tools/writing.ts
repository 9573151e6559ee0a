import { type ConvertOptions, writeProfile } from '@austin-profiler/convert';
import { AustinError, type Profile } from '@austin-profiler/profile';
import { convertInto } from '../converting/convert-into.js';
import { openOutput } from '../converting/output.js';
import { targetFormat } from '../converting/target-format.js';
import { completely, writeChunks } from '../converting/writing.js';
import { diagnosticText } from '../output/conversion-notes.js';
import { printable } from '../output/printable.js';
import { say } from '../output/stdio.js';
import { readVersion } from '../version.js';

/** A conversion as the tools of austin-python do it: two files, and nothing said when all went well. */
export interface ToolConversion {
  /** Who speaks of what could not be read. */
  readonly tool: string;
  readonly input: string;
  /** A file, which is replaced, or `-`. */
  readonly output: string;
  /** Id of the format to write. */
  readonly to: string;
}

/**
 * Converts while reading: memory does not grow with the recording. An error, or a signal, leaves the output as it was; it may
 * be the input.
 *
 * @throws AustinError what reading and writing throw
 */
export async function convertForTool(
  { tool, input, output: path, to }: ToolConversion,
  options: ConvertOptions = {},
): Promise<void> {
  const target = targetFormat(to, undefined);
  await completely(
    () => openOutput(input, path, target),
    async (output) => {
      const converted = await convertInto(output, input, target, options);
      return () => {
        sayDiagnostics(tool, converted);
        for (const notice of converted.notices) say(`${tool}: ${notice}`);
      };
    },
  );
}

/**
 * Writes the profile that `make` answers with. An error, or a signal, leaves the output as it was; it may be the input.
 *
 * @throws AustinError what `make` throws, `ERR_OUTPUT_OPEN`, `ERR_OUTPUT_WRITE`, `ERR_OUTPUT_CLOSED`, `ERR_USAGE_TERMINAL`, and
 * `ERR_INPUT_KEPT` where the output is the input and not all of that could be read
 */
export async function writeForTool(
  { tool, input, output: path, to }: ToolConversion,
  make: () => Promise<Profile>,
): Promise<void> {
  const target = targetFormat(to, undefined);
  await completely(
    () => openOutput(input, path, target),
    async (output) => {
      const profile = await make();
      if (path === input && path !== '-') requireWhole(input, profile);
      const exporter = `austin-profiler@${readVersion()}`;
      const isGzip = path.toLowerCase().endsWith('.gz');
      await writeChunks(
        output,
        writeProfile(profile, target.id, { exporter, ...(isGzip && { gzip: true }) }),
      );
      return () => sayDiagnostics(tool, profile);
    },
  );
}

/** What could not be read would be gone for good. */
function requireWhole(input: string, { diagnostics: [first] }: Profile): void {
  if (!first) return;
  throw new AustinError(
    'ERR_INPUT_KEPT',
    `${printable(input)} is kept as it is, since ${diagnosticText(first)}`,
    { kind: 'data', hint: 'name another output for what could be read' },
  );
}

/** Says what of the input could not be read. */
export function sayDiagnostics(tool: string, { diagnostics }: Pick<Profile, 'diagnostics'>): void {
  for (const diagnostic of diagnostics) say(`${tool}: ${diagnosticText(diagnostic)}`);
}

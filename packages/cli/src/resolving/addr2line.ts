import { spawn } from 'node:child_process';
import { AustinError } from '@austin-profiler/profile';
import { systemReason } from '../output/system-errors.js';

/** A function and a line of it. */
export interface SourceLine {
  /** The function, demangled; undefined if unknown. */
  readonly name: string | undefined;
  /** Its source file; undefined if unknown. */
  readonly file: string | undefined;
  /** From 1; 0 = unknown. */
  readonly line: number;
}

/** Where an instruction comes from: the function that the machine called, and the line in it. */
export interface SourcePlace extends SourceLine {
  /** What was called there and compiled into it, outermost first. */
  readonly inlined: readonly SourceLine[];
}

/**
 * Asks `addr2line` where instructions of a file come from, all of them at once.
 *
 * @param addresses as the file itself counts them
 * @returns a place for each address
 * @throws AustinError `ERR_ADDR2LINE_MISSING`, `ERR_ADDR2LINE_FAILED` with what it complained of
 */
export async function askAddr2line(
  path: string,
  addresses: readonly bigint[],
): Promise<ReadonlyMap<bigint, SourcePlace>> {
  // Addresses go through its input: a command line has not room for all.
  const { stdout, stderr, code } = await run(
    ['--demangle', '--functions', '--inlines', '--addresses', `--exe=${path}`],
    addresses.map((address) => `0x${address.toString(16)}\n`).join(''),
  );
  const places = code === 0 ? parsePlaces(stdout) : new Map<bigint, SourcePlace>();
  if (addresses.every((address) => places.has(address))) return places;
  const complaint = stderr.split('\n')[0]?.replace(/^\S*addr2line: /, '') || `it ended with ${code}`;
  throw new AustinError('ERR_ADDR2LINE_FAILED', complaint, { kind: 'environment' });
}

/**
 * Understands what `addr2line` prints: an address, and a function and a place for each call that was inlined there, innermost
 * first.
 */
export function parsePlaces(text: string): Map<bigint, SourcePlace> {
  const places = new Map<bigint, SourcePlace>();
  let address: bigint | undefined;
  let name: string | undefined;
  for (const line of text.split('\n')) {
    if (/^0x[0-9a-f]+$/.test(line)) {
      address = BigInt(line);
      name = undefined;
    } else if (address === undefined || line === '') {
    } else if (name === undefined) {
      name = line;
    } else {
      const match = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/s.exec(line);
      const file = match?.[1] === '??' ? undefined : match?.[1];
      const { inlined = [], ...inner } = places.get(address) ?? {};
      const outer = {
        name: name === '??' ? undefined : name,
        file,
        line: file === undefined ? 0 : Number(match![2]) || 0,
      };
      places.set(address, { ...outer, inlined: 'line' in inner ? [inner, ...inlined] : inlined });
      name = undefined;
    }
  }
  return places;
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

function run(args: readonly string[], input: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn('addr2line', args, { stdio: 'pipe' });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // It may end before it has read everything: its exit code says why.
    child.stdin.on('error', () => {});
    child.once('error', (error) => reject(missing(error)));
    child.once('close', (code) =>
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code,
      }),
    );
    child.stdin.end(input);
  });
}

function missing(error: Error): AustinError {
  return new AustinError('ERR_ADDR2LINE_MISSING', `addr2line cannot be run: ${systemReason(error)}`, {
    kind: 'environment',
    hint: 'install binutils',
    cause: error,
  });
}

/** A frame as a profile shows it. Lines and columns count from 1, `columnEnd` is exclusive, 0 is unknown. */
export interface SampledFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly lineEnd: number;
  readonly column: number;
  readonly columnEnd: number;
}

type PositionTuple = readonly [line: number, lineEnd: number, column: number, columnEnd: number];

/** What a program of `programs/` prints as its first line: see programs/truth.py. Codes are named by their index. */
export interface ProgramTruth {
  readonly truth: 1;
  readonly pid: number;
  readonly python: readonly [major: number, minor: number, micro: number];
  /** Whether this Python knows columns. */
  readonly columns: boolean;
  /** Whether every frame of a stack must be described, or only those of `files`. */
  readonly strict: boolean;
  /** The program's own files. */
  readonly files: readonly string[];
  readonly codes: readonly {
    readonly name: string;
    readonly file: string;
    readonly firstLine: number;
    readonly positions: readonly PositionTuple[];
  }[];
  /** Codes that can be outermost. */
  readonly roots: readonly number[];
  /** Calls that can happen: caller, callee (-1: any frame that is not described), the caller's lines if they are known. */
  readonly edges: readonly (
    | readonly [caller: number, callee: number]
    | readonly [caller: number, callee: number, lines: readonly number[]]
  )[];
  /** How often a code can be in one stack. */
  readonly limits: readonly (readonly [code: number, most: number])[];
  /** Threads by their id for the operating system, and the code that is in each of their stacks while the program works. */
  readonly threads: readonly {
    readonly tid: number;
    readonly name: string;
    readonly through: number | null;
  }[];
  /** static_stack.py: the stacks as the interpreter sees them, and threads that are not part of it. */
  readonly snapshot?: readonly {
    readonly tid: number;
    readonly name: string;
    readonly frames: readonly SampledFrame[];
  }[];
  readonly ignoredThreads?: readonly number[];
}

export type Verdict =
  | { readonly kind: 'legal' }
  /** No frame of the program's work is in it: the interpreter starts up, imports, or shuts down. */
  | { readonly kind: 'outside' }
  | { readonly kind: 'illegal'; readonly reason: string };

export interface JudgeOptions {
  /** The thread the stack was taken from, for the operating system. */
  readonly tid?: number;
  /** The profile says itself that the inner frames of this stack are missing. */
  readonly cut?: boolean;
}

/** Any frame that no code of the truth describes. */
const FOREIGN = -1;

/**
 * Makes the judge of the stacks of one program.
 *
 * @param positions how much of a frame's position the profile's format holds: `line` for formats without columns
 */
export function stackJudge(
  truth: ProgramTruth,
  positions: 'full' | 'line' | 'none' = 'full',
): (frames: readonly SampledFrame[], options?: JudgeOptions) => Verdict {
  const ownFiles = new Set(truth.files.map(comparable));
  const isOwn = (code: number): boolean =>
    code !== FOREIGN && ownFiles.has(comparable(truth.codes[code]!.file));
  const byName = new Map<string, number[]>();
  for (const [index, code] of truth.codes.entries()) {
    const key = nameKey(code);
    byName.set(key, [...(byName.get(key) ?? []), index]);
  }
  const edges = new Map(truth.edges.map(([caller, callee, lines]) => [`${caller},${callee}`, lines ?? null]));
  const isWork = (code: number): boolean => isOwn(code) && truth.codes[code]!.name !== '<module>';
  const work = new Set(truth.edges.map(([, callee]) => callee).filter(isWork));
  const through = new Map(truth.threads.map((thread) => [thread.tid, thread.through]));
  const threadOf = new Map(truth.threads.map((thread) => [thread.through, thread.tid]));

  const mayCall = (caller: number, callee: number, line: number): boolean => {
    // Calls between frames that are none of the program's are none of its business.
    if (!truth.strict && !isOwn(caller) && !isOwn(callee)) return true;
    const keys = [`${caller},${callee}`];
    if (!isOwn(caller)) keys.push(`${FOREIGN},${callee}`);
    if (!isOwn(callee)) keys.push(`${caller},${FOREIGN}`);
    return keys.some((key) => {
      const lines = edges.get(key);
      return lines === null || (lines !== undefined && (positions === 'none' || lines.includes(line)));
    });
  };

  return (frames, options = {}) => {
    const named = frames.map((frame) => byName.get(nameKey(frame)) ?? []);
    for (const [depth, frame] of frames.entries()) {
      if (named[depth]!.length === 0 && ownFiles.has(comparable(frame.file))) {
        return illegal(`frame ${depth}: ${show(frame)}: the file has no such function`);
      }
    }
    if (!named.some((codes) => codes.some((code) => work.has(code)))) return { kind: 'outside' };

    // Several codes can have one name before Python 3.11: keep all that fit so far.
    let possible: number[] = [];
    const counts = new Map<number, number>();
    for (const [depth, frame] of frames.entries()) {
      const here = named[depth]!.filter((code) => fits(truth.codes[code]!.positions, frame, positions));
      if (named[depth]!.length > 0 && here.length === 0) {
        return illegal(`frame ${depth}: ${show(frame)} cannot be at that position`);
      }
      if (named[depth]!.length === 0) {
        if (truth.strict) return illegal(`frame ${depth}: ${show(frame)} is not part of the program`);
        here.push(FOREIGN);
      }
      if (depth === 0) {
        possible = here.filter((code) => truth.roots.includes(code));
        if (possible.length === 0) return illegal(`${show(frame)} cannot be the outermost frame`);
      } else {
        const caller = frames[depth - 1]!;
        possible = here.filter((callee) => possible.some((code) => mayCall(code, callee, caller.line)));
        if (possible.length === 0)
          return illegal(`frame ${depth}: ${show(caller)} does not call ${show(frame)}`);
      }
      if (possible.length === 1) counts.set(possible[0]!, (counts.get(possible[0]!) ?? 0) + 1);
    }

    for (const [code, most] of truth.limits) {
      const count = counts.get(code) ?? 0;
      if (count > most)
        return illegal(`${truth.codes[code]!.name} ${count} times, at most ${most} are possible`);
    }
    return judgeThread(counts, options);
  };

  function judgeThread(counts: ReadonlyMap<number, number>, { tid, cut }: JudgeOptions): Verdict {
    if (tid === undefined) return { kind: 'legal' };
    const needed = through.get(tid);
    if (typeof needed === 'number' && !counts.has(needed) && !cut) {
      return illegal(`thread ${tid} is always in ${truth.codes[needed]!.name}`);
    }
    for (const code of counts.keys()) {
      const owner = threadOf.get(code);
      if (owner !== undefined && needed !== code) {
        return illegal(`${truth.codes[code]!.name} is a frame of thread ${owner}, not of ${tid}`);
      }
    }
    return { kind: 'legal' };
  }
}

function fits(
  known: readonly PositionTuple[],
  frame: SampledFrame,
  positions: 'full' | 'line' | 'none',
): boolean {
  if (positions === 'none') return true;
  return known.some(([line, lineEnd, column, columnEnd]) => {
    if (line !== frame.line) return false;
    if (positions === 'line') return true;
    if (column !== frame.column || columnEnd !== frame.columnEnd) return false;
    // Without columns the last line is not always known either.
    return lineEnd === frame.lineEnd || (columnEnd === 0 && frame.lineEnd === 0);
  });
}

function nameKey({ name, file }: { readonly name: string; readonly file: string }): string {
  return `${comparable(file)}\n${name}`;
}

/** A byte that is not UTF-8 is a lone surrogate in Python; a profile may have any number of U+FFFD in its place. */
function comparable(text: string): string {
  return text.replace(/[\p{Surrogate}\uFFFD]+/gu, '\uFFFD');
}

function show({ name, file, line, lineEnd, column, columnEnd }: SampledFrame): string {
  return `${name} (${file}:${line}:${column}-${lineEnd}:${columnEnd})`;
}

function illegal(reason: string): Verdict {
  return { kind: 'illegal', reason };
}

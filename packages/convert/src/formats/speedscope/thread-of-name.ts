/** What the name of a speedscope profile says, where a program we know gave it. */
export interface NamedProfile {
  readonly weight: 'cpu' | 'wall' | 'allocated' | 'deallocated' | 'samples' | undefined;
  readonly pid: number;
  readonly iid: number | null;
  readonly tid: string;
  /** Empty if unknown. */
  readonly name: string;
}

const WEIGHTS: Readonly<Record<string, NamedProfile['weight']>> = {
  'CPU time': 'cpu',
  'Wall time': 'wall',
  'Memory allocation': 'allocated',
  'Memory deallocation': 'deallocated',
  Samples: 'samples',
};

/** `Wall time profile for 1:0:9 (MainThread)`: ours, and without the name austin-python's. */
const AUSTIN =
  /^(CPU time|Wall time|Memory allocation|Memory deallocation|Samples) profile for (\d{1,15}):(?:(-?\d{1,15}):)?(.+?)(?: \((.*)\))?$/s;
/** No longer name is looked at: the expressions would take time as the square of its length. */
const MAX_NAME_LENGTH = 4096;
/** `Process 12 Thread 13 "worker"`, or without the process: py-spy's. */
const PY_SPY = /^(?:Process (\d{1,15}) )?Thread (0x[0-9A-Fa-f]+|\d+) "(.*)"$/s;

/**
 * Reads the name of a profile. Names of other programs become the name of a thread, numbered by its place.
 *
 * @param index of the profile in its file, from 0
 */
export function threadOfName(name: string, index: number): NamedProfile {
  const known = name.length <= MAX_NAME_LENGTH ? ofKnownProgram(name) : undefined;
  return known ?? { weight: undefined, pid: 0, iid: null, tid: String(index + 1), name };
}

function ofKnownProgram(name: string): NamedProfile | undefined {
  const austin = AUSTIN.exec(name);
  if (austin) {
    return {
      weight: WEIGHTS[austin[1]!],
      pid: Number(austin[2]),
      iid: austin[3] === undefined ? null : Number(austin[3]),
      tid: austin[4]!,
      name: austin[5] ?? '',
    };
  }
  const pySpy = PY_SPY.exec(name);
  if (pySpy) {
    return {
      weight: undefined,
      pid: Number(pySpy[1] ?? 0),
      iid: null,
      tid: pySpy[2]!,
      name: pySpy[3]!,
    };
  }
  return undefined;
}

/**
 * What is wrong with a file by the rules of the Trace Event Format ("Trace Event Format" of the Chromium project), and by what
 * `chrome://tracing` and Perfetto make of files that bend them: Perfetto keeps ids of processes and threads in 32 bits and
 * drops events of phases that it does not know; both take an end for that of the slice begun last, whatever its name.
 *
 * @returns a line for each trouble; none for a file that every viewer shows alike
 */
export function traceTroubles(file: unknown): string[] {
  const troubles: string[] = [];
  const { traceEvents, displayTimeUnit, otherData, ...others } = objectOf(file);
  if (Object.keys(others).length > 0)
    troubles.push(`members that mean something else: ${Object.keys(others).join()}`);
  if (displayTimeUnit !== undefined && displayTimeUnit !== 'ms' && displayTimeUnit !== 'ns')
    troubles.push(`displayTimeUnit is ${JSON.stringify(displayTimeUnit)}`);
  for (const [key, value] of Object.entries(objectOf(otherData ?? {}))) {
    if (typeof value !== 'string') troubles.push(`otherData has no text for ${key}`);
  }
  if (!Array.isArray(traceEvents)) return [...troubles, 'traceEvents is no list'];
  const tracks = new Map<string, Track>();
  for (const [at, item] of (traceEvents as unknown[]).entries()) {
    const event = objectOf(item);
    const trouble = troubleOf(event) ?? troubleInTrack(event, tracks);
    if (trouble !== undefined) troubles.push(`event ${at}: ${trouble}`);
  }
  for (const [track, { open, isNamed }] of tracks) {
    if (open.length > 0) troubles.push(`track ${track}: ${open.length} slices do not end`);
    if (!isNamed) troubles.push(`track ${track}: has no name`);
  }
  return troubles;
}

type Members = Readonly<Record<string, unknown>>;

interface Track {
  readonly open: string[];
  last: number;
  isNamed: boolean;
}

/** Metadata events, and the argument that each must have. */
const METADATA: Readonly<
  Record<string, { readonly member: string; readonly is: (value: unknown) => boolean }>
> = {
  process_name: { member: 'name', is: isText },
  process_labels: { member: 'labels', is: isText },
  process_sort_index: { member: 'sort_index', is: Number.isInteger },
  thread_name: { member: 'name', is: isText },
  thread_sort_index: { member: 'sort_index', is: Number.isInteger },
};

const MEMBERS = new Set(['ph', 'ts', 'pid', 'tid', 'name', 'cat', 'args', 'dur']);

function troubleOf(event: Members): string | undefined {
  const { ph, ts, pid, tid, name, cat, args, dur } = event;
  const unknown = Object.keys(event).filter((key) => !MEMBERS.has(key));
  if (unknown.length > 0) return `has ${unknown.join()}`;
  if (ph !== 'B' && ph !== 'E' && ph !== 'X' && ph !== 'M') return `its phase is ${String(ph)}`;
  if (typeof name !== 'string') return 'it has no name';
  if (typeof cat !== 'string' || cat === '') return 'it has no category';
  // NaN and infinities are null in JSON.
  if (typeof ts !== 'number' || !Number.isFinite(ts) || ts < 0) return `its time is ${String(ts)}`;
  if ((ph === 'X') !== (typeof dur === 'number' && dur >= 0)) return `its duration is ${String(dur)}`;
  for (const [key, id] of Object.entries({ pid, tid })) {
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= 2 ** 31)
      return `its ${key} is ${String(id)}`;
  }
  if (args !== undefined && !isObject(args)) return 'its arguments are no object';
  if (Object.values(objectOf(args ?? {})).some((value) => value === null || typeof value === 'object'))
    return 'an argument is neither text nor number';
  if (ph !== 'M') return undefined;
  const wanted = METADATA[name];
  if (!wanted) return `there is no metadata ${name}`;
  return wanted.is(objectOf(args)[wanted.member]) ? undefined : `${name} has no ${wanted.member}`;
}

function troubleInTrack({ ph, ts, pid, tid, name }: Members, tracks: Map<string, Track>): string | undefined {
  if (ph === 'M' && String(name).startsWith('process_')) return undefined;
  const key = `${String(pid)} ${String(tid)}`;
  const track = tracks.get(key) ?? { open: [], last: 0, isNamed: false };
  tracks.set(key, track);
  if (ph === 'M') {
    if (name !== 'thread_name') return undefined;
    const isTaken = track.isNamed;
    track.isNamed = true;
    return isTaken ? `track ${key} has two names` : undefined;
  }
  if ((ts as number) < track.last) return `it is earlier than the one before on its track`;
  track.last = ts as number;
  if (ph === 'B') track.open.push(name as string);
  else if (ph === 'E' && track.open.pop() !== name) return 'it does not end the slice begun last';
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(value: unknown): Members {
  return isObject(value) ? value : {};
}

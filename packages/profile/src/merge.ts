import { AustinError } from './errors.js';
import { MergedMetadata, totalsOf } from './merge-metadata.js';
import { metadataValue, type Profile, ProfileBuilder, WEIGHT_UNIT_KEY } from './profile.js';
import { RowSums } from './row-sums.js';
import { EMPTY_STACK, type ProfileTables } from './tables.js';
import type { FrameId, FunctionId, StackId, StringId, ThreadId } from './units.js';

export interface MergeOptions {
  /**
   * Whether a process id means the same process in every profile, as in the files of one recording, or each profile
   * has processes of its own, as recordings in several containers have. `apart` gives a process whose id an earlier
   * profile has the next free one, and says so in metadata: `x-pid:<new id>` is the recorded one. Default: `same`.
   */
  readonly processes?: 'same' | 'apart';
}

/** Says in metadata which id a process had before it was given another: `x-pid:<pid>`. */
export const RECORDED_PID_KEY = 'x-pid';

/**
 * Puts the samples of several profiles one behind the other, each profile's in its order. Equal frames, stacks and
 * threads become one whatever ids and keys they had, and every total is conserved, as is how many samples a row stands for.
 *
 * Metadata: counts and durations are added up, times since the start of a recording are moved behind the profiles before,
 * and other facts stand where they stood, unless they have been said already.
 *
 * @throws AustinError `ERR_MERGE_UNLIKE` for profiles that measure different things: their weights have no common sum
 */
export function mergeProfiles(profiles: readonly Profile[], options: MergeOptions = {}): Profile {
  checkAlike(profiles);
  const builder = new ProfileBuilder();
  const pids = new Pids(options.processes ?? 'same');
  const metadata = new MergedMetadata(builder, profiles.length > 1);
  const sums = profiles.some(({ samples }) => samples.count ?? samples.squares) && new RowSums();
  let rows = 0;
  for (const profile of profiles) {
    const renumbered = pids.of(profile.tables);
    for (const [pid, recorded] of renumbered.changed) {
      builder.addMetadata(`${RECORDED_PID_KEY}:${pid}`, String(recorded));
    }
    metadata.start(profile, renumbered.pid);
    copySamples(profile, builder, renumbered.pid, (index) => metadata.writeUpTo(index));
    metadata.finish();
    const { samples } = profile;
    if (sums) for (let row = 0; row < samples.length; row++) sums.add(rows++, samples, row);
    for (const diagnostic of profile.diagnostics) builder.addDiagnostic(diagnostic);
  }
  for (const [key, value] of totalsOf(profiles)) builder.addMetadata(key, value);
  const merged = builder.build();
  return sums ? { ...merged, samples: { ...merged.samples, ...sums.columns() } } : merged;
}

function checkAlike(profiles: readonly Profile[]): void {
  const whatItMeasures = (profile: Profile): string =>
    metadataValue(profile, WEIGHT_UNIT_KEY) === 'count' ? 'samples without a unit' : `mode ${profile.mode}`;
  const [first, ...others] = profiles.map(whatItMeasures);
  const at = others.findIndex((other) => other !== first);
  if (at < 0) return;
  throw new AustinError(
    'ERR_MERGE_UNLIKE',
    `Profile 1 holds ${first}, profile ${at + 2} holds ${others[at]}; expected all to measure the same.`,
    { kind: 'data', hint: 'Merge recordings of one mode; convert the others by themselves.' },
  );
}

/** Process ids of the merged profile, by those of each profile. */
class Pids {
  readonly #processes: 'same' | 'apart';
  readonly #used = new Set<number>();
  #highest = 0;

  constructor(processes: 'same' | 'apart') {
    this.#processes = processes;
  }

  of(tables: ProfileTables): { pid: (recorded: number) => number; changed: [number, number][] } {
    const recorded = new Set<number>();
    for (let id = 0; id < tables.threadCount; id++) recorded.add(tables.thread(id as ThreadId).pid);
    for (const pid of recorded) this.#highest = Math.max(this.#highest, pid);
    const changed = new Map<number, number>();
    if (this.#processes === 'apart') {
      for (const pid of recorded) if (this.#used.has(pid)) changed.set(pid, ++this.#highest);
      for (const pid of recorded) this.#used.add(changed.get(pid) ?? pid);
    }
    return {
      pid: (pid) => changed.get(pid) ?? pid,
      changed: [...changed].map(([old, pid]) => [pid, old]),
    };
  }
}

/** Copies what samples refer to, then the samples. Tables hand out ids in order, a parent before its children. */
function copySamples(
  { tables, samples }: Profile,
  into: ProfileBuilder,
  pid: (recorded: number) => number,
  beforeSample: (index: number) => void,
): void {
  const to = into.tables;
  const text = (id: StringId): StringId => to.internString(tables.string(id));
  const functions: FunctionId[] = [];
  for (let id = 0 as FunctionId; id < tables.functionCount; id++) {
    const name = text(tables.functionName(id));
    const file = text(tables.functionFile(id));
    functions.push(to.internFunction(name, file, tables.functionFirstLine(id), tables.functionKind(id)));
  }
  const frames: FrameId[] = [];
  for (let id = 0 as FrameId; id < tables.frameCount; id++) {
    frames.push(to.internFrameFrom(tables, id, functions[tables.frameFunction(id)]!));
  }
  const stacks: StackId[] = [EMPTY_STACK];
  for (let id = 1 as StackId; id < tables.stackCount; id++) {
    stacks.push(to.internStack(stacks[tables.stackParent(id)]!, frames[tables.stackFrame(id)]!));
  }
  const threads: ThreadId[] = [];
  for (let id = 0 as ThreadId; id < tables.threadCount; id++) {
    const thread = tables.thread(id);
    threads.push(to.internThread(pid(thread.pid), thread.iid, thread.tid));
    const name = tables.threadName(id);
    if (name !== undefined) to.setThreadName(threads[id]!, name);
  }
  for (let i = 0; i < samples.length; i++) {
    beforeSample(i);
    const stack = stacks[samples.stack[i]!]!;
    const thread = threads[samples.thread[i]!]!;
    into.addSample(stack, thread, samples.timeUs[i]!, samples.memoryBytes[i]!, samples.flags[i]!);
  }
}

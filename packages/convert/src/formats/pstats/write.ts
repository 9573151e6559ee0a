import type { Profile } from '@austin-profiler/profile';
import { type Call, callGraph, oneOfEach } from '../../call-graph.js';
import type { WriteOptions } from '../../format.js';
import { markedName } from '../../kind-mark.js';
import { ShownStacks } from '../../shown-stacks.js';
import { NO_FRAMES } from '../../synthetic-names.js';
import { oneWeight } from '../../weight-titles.js';
import { MarshalWriter } from './marshal.js';

/** pstats counts seconds. */
const MICROSECONDS_PER_SECOND = 1e6;

/** As `cProfile` names what is in no file: pstats prints such a function by its name alone. */
const NO_FILE = '~';

/**
 * Writes what `pstats.Stats` loads: a marshalled dict of functions. Sampling sees no calls: where pstats has a number of
 * calls, there is the number of samples.
 *
 * @throws AustinError ERR_USAGE_WEIGHT
 */
export function* writePstats(profile: Profile, options: WriteOptions): Iterable<Uint8Array> {
  const type = oneWeight(profile, options);
  const unit = type.unit === 'microseconds' ? MICROSECONDS_PER_SECOND : 1;
  const stacks = new ShownStacks(profile.tables, false);
  // Of two equal keys a dict would drop the first, and its weight with it.
  const same = oneOfEach((id) => keyOf(stacks, id).join('\0'));
  const { functions, calls } = callGraph(profile, stacks, type, same);
  const callersOf = new Map<number, Call[]>();
  for (const call of calls) {
    const callers = callersOf.get(call.callee);
    if (callers) callers.push(call);
    else callersOf.set(call.callee, [call]);
  }

  const out = new MarshalWriter();
  out.dict();
  for (const row of functions.values()) {
    writeKey(out, stacks, row.fn);
    writeCounts(out, row.totalSamples, row.self / unit, row.total / unit, 1);
    out.dict();
    for (const call of callersOf.get(row.fn) ?? []) {
      writeKey(out, stacks, call.caller);
      writeCounts(out, call.samples, call.self / unit, call.total / unit, 0);
    }
    out.endDict();
    if (out.isFull) yield out.take();
  }
  if (functions.size === 0) writeNothing(out);
  out.endDict();
  yield out.take();
}

/** A function that weighs nothing: pstats does not load a dict without any. */
function writeNothing(out: MarshalWriter): void {
  out.tuple(3);
  out.text(NO_FILE);
  out.int(0);
  out.text(NO_FRAMES);
  writeCounts(out, 0, 0, 0, 1);
  out.dict();
  out.endDict();
}

/** `(file, line, name)`, by which pstats knows a function. */
function keyOf(stacks: ShownStacks, id: number): readonly [file: string, line: number, name: string] {
  const { file, firstLine, name, kind } = stacks.fn(id);
  return [file === '' ? NO_FILE : file, firstLine, markedName(name, kind)];
}

function writeKey(out: MarshalWriter, stacks: ShownStacks, id: number): void {
  const [file, line, name] = keyOf(stacks, id);
  out.tuple(3);
  out.text(file);
  out.int(line);
  out.text(name);
}

/** Primitive calls, all calls, time by itself, time with what it called; `extra` more values will follow. */
function writeCounts(out: MarshalWriter, samples: number, self: number, total: number, extra: number): void {
  out.tuple(4 + extra);
  out.int(samples);
  out.int(samples);
  out.float(self);
  out.float(total);
}

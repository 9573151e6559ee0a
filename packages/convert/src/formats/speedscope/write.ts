import type { Profile, StackId, Thread, ThreadId } from '@austin-profiler/profile';
import { ByteOutput } from '../../byte-output.js';
import type { Piece, WriteOptions } from '../../format.js';
import { sumSamples } from '../../summing-stream.js';
import { LIGHTER_PATHS } from '../../synthetic-names.js';
import { threadIdText, threadsInOrder } from '../../thread-ids.js';
import { samplesByThread } from '../../thread-samples.js';
import { WEIGHT_TITLES } from '../../weight-titles.js';
import { type WeightType, weightOf, weightTypes } from '../../weights.js';
import { cutToFit, isWithin } from './cut-to-fit.js';
import { SCHEMA } from './detect.js';
import { FrameList } from './frame-list.js';
import type { Limits } from './size.js';

/** Samples are handed on in pieces of about this many bytes. */
const PIECE_BYTES = 1 << 17;

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** One thread seen through one weight: a profile in speedscope's words. */
interface View {
  readonly thread: ThreadId;
  readonly type: WeightType;
  /** Indexes of the thread's samples, in order of sampling. */
  readonly samples: Uint32Array;
  readonly total: number;
}

export const SUMMED_NOTICE =
  'The recording is larger than what speedscope can open: equal stacks of a thread are summed, and their order is lost. ' +
  'To keep it, convert a part of the recording.';

/**
 * Writes speedscope JSON: one sampled profile per thread and weight. Samples are not merged, so that the time
 * order view shows the run, unless speedscope could not open them; those without weight are left out.
 *
 * `shared.frames` is complete only after all stacks were seen, and so comes after `profiles`.
 *
 * @param limits beyond them samples are summed, and if need be cut; notices say so
 */
export function* writeSpeedscope(profile: Profile, options: WriteOptions, limits: Limits): Iterable<Piece> {
  const { tables, samples, mode } = profile;
  if (isWithin(tables, samples, mode, limits)) {
    yield* writeWhole(profile, options);
    return;
  }
  options.onNotice?.(SUMMED_NOTICE);
  yield* writeSums({ ...profile, samples: sumSamples(samples).build() }, options, limits);
}

/** As {@link writeSpeedscope}, of what is known to be within all limits. */
export function writeWhole(profile: Profile, options: WriteOptions): Iterable<Piece> {
  return indented(jsonPieces(profile, options), options);
}

/** As {@link writeSpeedscope}, of samples that are sums already. */
export function* writeSums(profile: Profile, options: WriteOptions, limits: Limits): Iterable<Piece> {
  const { samples, cutBelow } = cutToFit(profile, limits);
  if (cutBelow > 0) {
    const share = `${Number((cutBelow * 100).toPrecision(2))} %`;
    options.onNotice?.(
      `Even summed it is too large: stacks below ${share} of the whole are cut, at ${LIGHTER_PATHS}.`,
    );
  }
  yield* writeWhole({ ...profile, samples }, options);
}

function* indented(pieces: Iterable<Uint8Array>, { indent }: WriteOptions): Iterable<Piece> {
  if (!indent) {
    yield* pieces;
    return;
  }
  const decoder = new TextDecoder();
  let text = '';
  for (const piece of pieces) text += decoder.decode(piece, { stream: true });
  yield JSON.stringify(JSON.parse(text), null, indent);
}

function* jsonPieces(profile: Profile, options: WriteOptions): Iterable<Uint8Array> {
  const out = new ByteOutput();
  const frames = new FrameList(profile.tables, options.frames === 'line', out);
  const views = viewsOf(profile);

  out.text(`{"$schema":${JSON.stringify(SCHEMA)},"profiles":[`);
  for (const [at, view] of views.entries()) {
    if (at > 0) out.byte(COMMA);
    yield* viewPieces(profile, view, frames, out);
  }
  out.text('],"shared":{"frames":[');
  for (const [at, frame] of frames.frames.entries()) {
    if (at > 0) out.byte(COMMA);
    out.text(JSON.stringify(frame));
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
  out.text(`]},"name":${JSON.stringify(options.name ?? 'austin')}`);
  const active = activeView(profile, views);
  if (active >= 0) out.text(`,"activeProfileIndex":${active}`);
  out.text(`,"exporter":${JSON.stringify(options.exporter ?? 'austin-profiler')}}`);
  yield* out.given();
}

function* viewPieces(profile: Profile, view: View, frames: FrameList, out: ByteOutput): Iterable<Uint8Array> {
  const { stack, flags } = profile.samples;
  const unit = view.type.unit === 'count' ? 'none' : view.type.unit;
  const head = { type: 'sampled', name: nameOf(profile, view), unit, startValue: 0, endValue: view.total };
  out.text(`${JSON.stringify(head).slice(0, -1)},"samples":`);
  yield* listPieces(profile, view, out, (i) => frames.writeStack(stack[i]! as StackId, flags[i]!));
  out.text(',"weights":');
  yield* listPieces(profile, view, out, (_, weight) => out.number(weight));
  out.text('}');
}

/** A JSON array with an entry for each sample that has a weight. */
function* listPieces(
  profile: Profile,
  view: View,
  out: ByteOutput,
  write: (index: number, weight: number) => void,
): Iterable<Uint8Array> {
  let isFirst = true;
  out.byte(OPEN);
  for (const i of view.samples) {
    const weight = weightOf(profile, i, view.type);
    if (weight === 0) continue;
    if (!isFirst) out.byte(COMMA);
    isFirst = false;
    write(i, weight);
    if (out.length >= PIECE_BYTES) yield* out.given();
  }
  out.byte(CLOSE);
}

/** Threads in numeric order, and for each its weights; views that would be empty are left out. */
function viewsOf(profile: Profile): View[] {
  const byThread = samplesByThread(profile);
  const views: View[] = [];
  for (const thread of threadsInOrder(profile)) {
    const samples = byThread[thread]!;
    for (const type of weightTypes(profile)) {
      let total = 0;
      for (const i of samples) total += weightOf(profile, i, type);
      if (total > 0) views.push({ thread, type, samples, total });
    }
  }
  return views;
}

/** The view to open: of the first weight, the main thread of the busiest process, or else the busiest thread. */
function activeView(profile: Profile, views: readonly View[]): number {
  const [first] = weightTypes(profile);
  const text = threadIdText(profile);
  let best = -1;
  let bestRank: readonly [number, number, number] = [-1, -1, -1];
  for (const [at, view] of views.entries()) {
    const thread = profile.tables.thread(view.thread);
    const isMain = thread.pid > 0 && text(thread.tid) === String(thread.pid);
    const rank = [Number(view.type.metric === first!.metric), Number(isMain), view.total] as const;
    if (!isGreater(rank, bestRank)) continue;
    best = at;
    bestRank = rank;
  }
  return best;
}

function isGreater(a: readonly number[], b: readonly number[]): boolean {
  for (const [at, value] of a.entries()) {
    if (value !== b[at]) return value > b[at]!;
  }
  return false;
}

function nameOf(profile: Profile, view: View): string {
  const { pid, iid, tid }: Thread = profile.tables.thread(view.thread);
  const text = threadIdText(profile)(tid);
  const thread = iid === null ? `${pid}:${text}` : `${pid}:${iid}:${text}`;
  const name = profile.tables.threadName(view.thread);
  return `${WEIGHT_TITLES[view.type.metric]} profile for ${thread}${name === undefined ? '' : ` (${name})`}`;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Program, ProgramEnd, Recording, RecordingResult } from '@austin-profiler/sampler';
import { say } from '../output/stdio.js';
import { HANDLED_SIGNALS, type HandledSignal, type SignalManner } from './signal-policy.js';
import { listenForSignals, type SignalListener } from './signals.js';
import { StartError, startTarget, type TargetStreams } from './start-target.js';

/** How long the kernel may take to report the end of a target that is already known to be gone. */
const REAP_MS = 1_000;

/** How long a reader that takes nothing may hold up the end of a recording that is to stop. */
const STUCK_MS = 3_000;

/** What is recorded: a program to start, or a process that runs already. */
export type Subject = { readonly command: readonly string[] } | { readonly pid: number };

export interface SessionManner extends SignalManner {
  /** How long a program may go on after a signal has asked for the end, before it is killed; else as long as it likes. */
  readonly graceMs?: number;
}

/** What a session needs once its signals are taken care of. */
export interface SessionPlan extends TargetStreams {
  /** Whether the recording goes on after the program, with what the program has started. */
  readonly followsChildren: boolean;
  /** Starts the recording. Called as soon as the program runs. */
  record(pid: number): Recording;
  /** Says how it ended, and answers with our exit code. What is left of the program is ended after that. */
  conclude(end: SessionEnd): number;
  close(): Promise<void>;
}

export type SessionEnd =
  /** A signal came before anything was started. */
  | { readonly kind: 'not-begun'; readonly stopSignal: HandledSignal }
  | { readonly kind: 'not-started'; readonly error: StartError }
  | { readonly kind: 'failed'; readonly result: RecordingResult; readonly stopSignal?: HandledSignal }
  /** The recording was to stop, and its reader took nothing any more. */
  | { readonly kind: 'stuck'; readonly stopSignal: HandledSignal }
  | {
      readonly kind: 'recorded';
      readonly result: RecordingResult;
      readonly stopSignal?: HandledSignal;
      /** How the program ended, if we started it. */
      readonly targetEnd?: ProgramEnd;
    };

/**
 * One recording from the first signal handler to the exit code. A program that we start does not outlive it; a process that
 * was there before is left as it is.
 *
 * @param prepare loads and opens what may fail before anything is started; what it throws is passed on
 */
export async function runSession(
  subject: Subject,
  manner: SessionManner,
  prepare: () => Promise<SessionPlan>,
): Promise<number> {
  const isSpawned = 'command' in subject;
  let plan: SessionPlan | undefined;
  let target: Program | undefined;
  let recording: Recording | undefined;
  const signals = listenForSignals(isSpawned, manner, {
    stop: () => recording?.stop(),
    target: () => target,
  });
  try {
    plan = await prepare();
    const sampler = await import('@austin-profiler/sampler');
    if (isSpawned) signals.useOrigins(sampler.watchSignalOrigins(HANDLED_SIGNALS));
    // From here to the start of the recording nothing waits: no signal can fall between the two.
    const early = signals.stopSignal();
    if (early !== undefined) return plan.conclude({ kind: 'not-begun', stopSignal: early });
    if (isSpawned) target = await startTarget(sampler, subject.command, plan);
    recording = plan.record(target?.pid ?? (subject as { pid: number }).pid);
    if (!plan.followsChildren) void target?.ended.then(() => recording?.stop());
    const finished = await Promise.race([recording.finished, untilStuck(signals)]);
    const stopSignal = signals.stopSignal();
    if (finished === 'stuck') return plan.conclude({ kind: 'stuck', stopSignal: stopSignal! });
    // We may notice the end of the program before the sampler does, and stop it.
    const isStoppedByEnd = finished.end === 'stopped' && stopSignal === undefined && target?.hasEnded();
    const result: RecordingResult = isStoppedByEnd ? { ...finished, end: 'target-ended' } : finished;
    const stopped = stopSignal === undefined ? {} : { stopSignal };
    if (await hasFailed(result, target)) return plan.conclude({ kind: 'failed', result, ...stopped });
    const targetEnd = target && (await awaitEnd(target, { result, manner, ...stopped }));
    return plan.conclude({ kind: 'recorded', result, ...stopped, ...(targetEnd && { targetEnd }) });
  } catch (error) {
    if (!(error instanceof StartError) || plan === undefined) throw error;
    return plan.conclude({ kind: 'not-started', error });
  } finally {
    if (target && !target.hasEnded()) await target.end();
    signals.close();
    await plan?.close();
  }
}

/** Settles when a recording that was asked to stop should long have ended. */
function untilStuck(signals: SignalListener): Promise<'stuck'> {
  return new Promise((resolve) => {
    signals.onStop(() => setTimeout(() => resolve('stuck'), STUCK_MS).unref());
  });
}

/** A program that ends before it could be found is no failure of ours: `austin record true` is just short. */
async function hasFailed(result: RecordingResult, target: Program | undefined): Promise<boolean> {
  if (result.end !== 'failed') return false;
  if (!target || result.target !== undefined || result.error?.code === 'ERR_OUTPUT_WRITE') return true;
  if (result.error?.code === 'ERR_PROCESS_GONE') await Promise.race([target.ended, delay(REAP_MS)]);
  return !target.hasEnded();
}

/** Waits for the program, which after a time limit is asked to end: nothing stays behind. */
async function awaitEnd(
  target: Program,
  how: { result: RecordingResult; manner: SessionManner; stopSignal?: HandledSignal },
): Promise<ProgramEnd> {
  const { result, manner, stopSignal } = how;
  if (result.end === 'duration') target.signalTree('SIGTERM');
  const isEnding = result.end === 'duration' || stopSignal !== undefined;
  if (isEnding && manner.graceMs !== undefined) return target.endWithin(manner.graceMs);
  const notice = setTimeout(() => {
    say(
      `austin: the recording is complete; waiting for the program to end (pid ${target.pid}); the third Ctrl-C kills it`,
    );
  }, 1_000);
  if (!isEnding) clearTimeout(notice);
  const end = await target.ended;
  clearTimeout(notice);
  return end;
}

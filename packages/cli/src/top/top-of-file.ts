import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  BoundedBuilder,
  CELL_LIMITS,
  type Format,
  LiveProfile,
  readInto,
  unpack,
} from '@austin-profiler/convert';
import type { Profile, ThreadId } from '@austin-profiler/profile';
import type { TopFacts } from '@austin-profiler/tui';
import { readInput } from '../converting/input.js';
import { withoutExtension } from '../converting/names.js';
import { SourceReader } from '../converting/source-reader.js';
import { ExitCode, exitCodeOf } from '../exit-codes.js';
import { diagnosticText } from '../output/conversion-notes.js';
import { say } from '../output/stdio.js';
import { openTerminal } from './open-terminal.js';
import { Player } from './player.js';
import { save } from './save.js';
import { watch } from './watched.js';

/** A file that is read by then is shown at once, and what is no profile is refused before anything is drawn. */
const AT_ONCE_MS = 150;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Shows a profile of any format, as fast as it is read, until the person leaves; from then on it can be played at the pace at
 * which it was recorded. Answers with the exit code.
 *
 * @param speed so many times as fast as it was recorded it is played at once, from its beginning; undefined shows all of it
 * @throws AustinError `ERR_USAGE_TERMINAL`, `ERR_INPUT_READ`, and what the format's reader throws
 */
export async function topOfFile(path: string, speed?: number): Promise<number> {
  const terminal = openTerminal();
  const live = new LiveProfile({ ...CELL_LIMITS, slots: 1 });
  const fileName = basename(path);
  let format: Format | undefined;
  let note = 'reading';
  let notify = (): void => {};
  const reading = readInto(
    told(readInput(path), () => notify()),
    live,
    { fileName },
  ).then((read) => {
    format = read;
    note = live.diagnostics.length > 0 ? 'read, not without trouble' : 'recorded';
  });
  await Promise.race([reading, delay(AT_ONCE_MS)]);

  const sources = new SourceReader();
  const player = new Player({
    live,
    load: () => reading.then(() => readAgain(path, live, fileName)),
    onChange: () => watched.top.notify(),
    onFailure: (error) => watched.top.say({ text: `cannot be played: ${reasonOf(error)}`, isBad: true }),
  });
  const watched = watch(
    {
      live,
      facts: () => ({ ...factsOf(live, fileName, format ? 'ended' : 'waiting', note), ...playing(player) }),
      play: (step) => void player.do(step),
      save: async (wanted) => {
        await reading;
        const isMojo = format?.id === 'mojo';
        const chunks = () => (isMojo ? unpack(readInput(path)) : readInput(path));
        return save({ base: basename(withoutExtension(path)), isMojo, fileName, chunks }, wanted);
      },
      readSource: (file) => sources.read(file, live.profile()),
      quit: () => watched.leave(),
    },
    terminal,
  );
  notify = () => watched.top.notify();
  let exitCode: number = ExitCode.Ok;
  const onSignal = (signal: NodeJS.Signals): void => {
    exitCode = exitCodeOf({ signal });
    watched.leave();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  if (speed !== undefined) void player.play(speed);
  try {
    // A reading that fails ends the view; one that goes on is of no interest any more.
    await Promise.race([reading.then(notify).then(() => watched.left), watched.left]);
  } finally {
    player.pause();
    watched.leave();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  for (const diagnostic of live.diagnostics) say(`austin: ${diagnosticText(diagnostic)}`);
  return exitCode;
}

/** Samples one by one, or where there are very many of them in short slots of time, with the ids that they have in `live`. */
async function readAgain(path: string, live: LiveProfile, fileName: string): Promise<Profile> {
  const builder = new BoundedBuilder(undefined, CELL_LIMITS, live.tables);
  await readInto(readInput(path), builder, { fileName });
  return builder.build();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function playing(player: Player): Pick<TopFacts, 'phase' | 'playing'> | undefined {
  const { facts } = player;
  return facts && { phase: facts.isPlaying ? 'live' : 'ended', playing: facts };
}

/** Says when each chunk has been taken. */
async function* told(chunks: AsyncIterable<Uint8Array>, tell: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    tell();
  }
}

function factsOf(live: LiveProfile, title: string, phase: TopFacts['phase'], note: string): TopFacts {
  const number = (key: string): number | undefined => {
    const value = Number(live.metadata(key));
    return value > 0 ? value : undefined;
  };
  const [interval, got, duration] = [number('interval'), number('x-interval-got'), number('duration')];
  const python = live.metadata('python');
  return {
    title,
    phase,
    note,
    isGilOnly: live.metadata('x-gil-only') === 'on',
    marksGc: live.metadata('gc') !== undefined,
    // Where the profile says nothing of processes, it is 0.
    ...(live.tables.threadCount > 0 && pidOf(live) > 0 && { pid: pidOf(live) }),
    ...(python !== undefined && { python }),
    ...(duration !== undefined && { seconds: duration / 1e6 }),
    ...(interval !== undefined && { askedHertz: 1e6 / interval }),
    ...(got !== undefined && { gotHertz: 1e6 / got }),
  };
}

/** The process of the first thread. */
function pidOf({ tables }: LiveProfile): number {
  return tables.thread(0 as ThreadId).pid;
}

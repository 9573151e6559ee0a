import type { SourceText } from '@austin-profiler/convert';
import { App, byId, Header, type PageData } from '@austin-profiler/convert/page';
import type { Status, Update } from '../protocol.js';
import { Connection } from './connection.js';
import { LiveBar } from './live-bar.js';
import { LiveState } from './live-state.js';
import { Moments } from './moments.js';
import { ProcessList } from './process-list.js';
import { Renderer } from './renderer.js';
import { ask } from './requests.js';

const bar = new LiveBar();
const processes = new ProcessList((text) => bar.showAnswer(text));
const header = new Header();
const moments = new Moments();
let status: Status | undefined;
let state: LiveState | undefined;
/** The recording on show. */
let shown: LiveState | undefined;
let app: App | undefined;

const renderer = new Renderer(() => {
  if (!state) return;
  header.show(headOf(state));
  showEmptiness(state);
  if (state.isEmpty) return;
  const recording = state.recording();
  const isOther = shown !== state;
  if (app) app.update(recording, isOther);
  else {
    app = new App(recording, loadSource);
    app.start();
  }
  moments.show(app, recording.payload.time, isOther);
  shown = state;
});

new Connection({
  onUpdate(update: Update) {
    status = update.status;
    bar.showStatus(status);
    processes.showStatus(status);
    const { picture } = update;
    if (picture?.isStart) state = new LiveState(picture);
    else if (picture) state?.apply(picture);
    renderer.ask(status.isPaused || status.phase !== 'running');
  },
  onState(link) {
    bar.showLink(link);
  },
});

/** What the head of the page shows: how long a recording takes is in it only at its end. */
function headOf({ data }: LiveState): PageData {
  const { title = 'austin', elapsedUs } = status ?? {};
  return {
    ...data,
    title,
    facts: { ...(elapsedUs !== undefined && { durationUs: elapsedUs }), ...data.facts },
    // Files are read when they are looked at: that one cannot be had is said there.
    sources: { file: [], text: [], problem: [] },
  };
}

/** Says why there is nothing to see, if there is not. */
function showEmptiness({ isEmpty }: LiveState): void {
  byId('empty', HTMLElement).hidden = !isEmpty;
  byId('views', HTMLDivElement).hidden = isEmpty;
  if (!isEmpty) return;
  const isOver = status?.phase === 'ended' || status?.phase === 'failed';
  const title = isOver ? 'Nothing was sampled' : 'Waiting for the first sample';
  byId('empty', HTMLElement).querySelector('h2')!.textContent = title;
  byId('empty-reason', HTMLParagraphElement).textContent = isOver
    ? 'The program may have ended before the first sample was due, or everything was forgotten since.'
    : 'It comes as soon as a Python interpreter runs in the process, and something happens that is measured.';
}

async function loadSource(file: string): Promise<SourceText> {
  // `<frozen importlib._bootstrap>`, `<string>`
  if (file === '' || file.startsWith('<')) return { problem: 'it never was a file' };
  try {
    return await ask<SourceText>(`source?file=${encodeURIComponent(file)}`);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

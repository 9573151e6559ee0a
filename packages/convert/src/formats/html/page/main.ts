import { App } from './app.js';
import { byId } from './dom.js';
import { Header } from './header.js';
import type { Payload } from './payload.js';
import { toRecording } from './recording.js';

const payload = JSON.parse(byId('profile', HTMLScriptElement).text) as Payload;
new Header().show(payload);
if (payload.cells.node.length === 0) {
  byId('empty', HTMLElement).hidden = false;
  byId('empty-reason', HTMLParagraphElement).textContent =
    payload.facts.samples === 0
      ? 'No sample was recorded: the program may have ended before the first one was due, or the recording was cut short.'
      : 'None of its samples carries a weight: no time passed in them and no memory changed.';
} else {
  byId('views', HTMLDivElement).hidden = false;
  new App(toRecording(payload)).start();
}

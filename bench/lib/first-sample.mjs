import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SAVE_SECONDS = 20;

/** When the first sample of a recording of ours was taken, as `Date.now` counts. */
export function firstSampleAt(mojo) {
  const text = mojo.toString('latin1');
  const start = Date.parse(/x-start-time\0([^\0]+)\0/.exec(text)?.[1]);
  const afterUs = Number(/x-thread-start:[^\0]*\0(\d+)\0/.exec(text)?.[1]);
  if (!Number.isFinite(start + afterUs)) throw new Error('the recording does not say when it began');
  return start + afterUs / 1000;
}

/** The recording that a view of ours in the terminal makes: it is asked to save it in its folder. */
export async function savedFromTerminal(view, folder) {
  view.press('sm');
  for (let waited = 0; waited < SAVE_SECONDS; waited += 0.02) {
    const name = existsSync(folder) && readdirSync(folder).find((file) => file.endsWith('.mojo'));
    const mojo = name ? readFileSync(join(folder, name)) : Buffer.alloc(0);
    if (mojo.includes('x-thread-start:')) return mojo;
    await sleep(20);
  }
  throw new Error('the view has saved nothing');
}

/** The same of a page of ours: it is downloaded. */
export async function savedFromPage(view) {
  const answer = await fetch(new URL('download?format=mojo', view.url()));
  return Buffer.from(await answer.arrayBuffer());
}

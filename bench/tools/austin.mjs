import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tryOutput } from '../lib/output.mjs';
import { executables } from '../lib/search.mjs';
import { attachWords } from './attach-words.mjs';
import { readMojoRecording } from './read-mojo.mjs';

/** Every version of Austin on the machine, one tool each. Our own `austin` goes by the same name: it is a Node script. */
export async function findAustins() {
  const found = new Map();
  const notes = [];
  for (const path of executables('austin')) {
    if (isNodeScript(path)) continue;
    const { output, error } = await tryOutput(path, ['--version']);
    const version = /^austin (\d+\.\d+\.\d+)$/.exec(output ?? '')?.[1];
    if (!version) notes.push(`not usable: an Austin that does not run: ${trouble(error ?? output, path)}`);
    else if (!found.has(version)) found.set(version, toTool(path, version));
  }
  return { tools: [...found.values()], notes };
}

function toTool(path, version) {
  // Before version 4, MOJO must be asked for; since then it is all there is.
  const writesText = Number(version.split('.')[0]) < 4;
  const command = (format) => commandOf(path, format);
  return {
    id: `austin-${version}`,
    label: `Austin ${version}`,
    version,
    canSample: () => true,
    command: command(writesText ? ['-b'] : []),
    // Version 4 ends with 254 when the time is over.
    successes: [0, 254],
    read: readMojoRecording,
    encodings: [
      { label: `Austin ${version}, MOJO` },
      ...(writesText
        ? [{ label: `Austin ${version}, text`, command: command([]), read: readTextSizes }]
        : []),
    ],
  };
}

function commandOf(path, format) {
  return (what) => [path, ...format, ...attachWords(what)];
}

/** A line is a sample of a thread, except for the metadata. */
async function readTextSizes(path, { seconds }) {
  let samples = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line !== '' && !line.startsWith('#')) samples += 1;
  }
  return { samples, seconds };
}

/** Without the folders of this machine: the text is shown with the results. */
function trouble(text, path) {
  return text.replaceAll(`${path}: `, '').replaceAll(path, 'it');
}

function isNodeScript(path) {
  return /^#!.*\bnode\b/.test(readFileSync(path).subarray(0, 100).toString('latin1'));
}

import { readFileSync } from 'node:fs';
import { tryOutput } from '../lib/output.mjs';
import { executables } from '../lib/search.mjs';
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
  const major = Number(version.split('.')[0]);
  return {
    id: `austin-${version}`,
    label: `Austin ${version}`,
    version,
    canSample: () => true,
    // Before version 4, MOJO must be asked for; since then it is all there is.
    command: ({ pid, seconds, intervalUs, output }) => [
      path,
      ...(major < 4 ? ['-b'] : []),
      '-i',
      `${intervalUs}us`,
      '-x',
      String(seconds),
      '-o',
      output,
      '-p',
      String(pid),
    ],
    // Version 4 ends with 254 when the time is over.
    successes: [0, 254],
    read: readMojoRecording,
  };
}

/** Without the folders of this machine: the text is shown with the results. */
function trouble(text, path) {
  return text.replaceAll(`${path}: `, '');
}

function isNodeScript(path) {
  return /^#!.*\bnode\b/.test(readFileSync(path).subarray(0, 100).toString('latin1'));
}

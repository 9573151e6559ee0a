import { tryOutput } from '../lib/output.mjs';
import { executables } from '../lib/search.mjs';
import { attachWords } from './attach-words.mjs';
import { ours } from './ours.mjs';
import { findPySpy } from './py-spy.mjs';
import { readMojoRecording } from './read-mojo.mjs';

/** Samplers that show functions of compiled code. All but one of ours stop the program to do it. */
export async function findNativeSamplers() {
  const austins = await findAustinps();
  const pySpy = await findPySpy(['--native']);
  return {
    samplers: [oursBy('exact'), oursBy('undisturbed'), ...austins.tools, ...pySpy.tools],
    notes: [...austins.notes, ...pySpy.notes, ...(pySpy.tools.length === 0 ? ['not found: py-spy'] : [])],
  };
}

/** @param way of `--native-way` */
function oursBy(way) {
  return {
    ...ours,
    label: `ours, ${way}`,
    pauses: way === 'exact',
    command: (what) => {
      const [node, cli, record, ...words] = ours.command(what);
      return [node, cli, record, '--native-way', way, ...words];
    },
  };
}

async function findAustinps() {
  const paths = executables('austinp');
  const notes = paths.length === 0 ? ['not found: austinp, the native build of Austin'] : [];
  for (const path of paths) {
    const { output, error } = await tryOutput(path, ['--version']);
    const version = /^austinp (\d+\.\d+\.\d+)$/.exec(output ?? '')?.[1];
    if (version !== undefined) return { tools: [toTool(path, version)], notes };
    notes.push(`not usable: an austinp that does not run: ${(error ?? output).replaceAll(path, 'it')}`);
  }
  return { tools: [], notes };
}

function toTool(path, version) {
  const binary = Number(version.split('.')[0]) < 4 ? ['-b'] : [];
  return {
    id: `austinp-${version}`,
    label: `austinp ${version}`,
    version,
    pauses: true,
    canSample: () => true,
    command: (what) => [path, ...binary, ...attachWords(what)],
    successes: [0, 254],
    read: readMojoRecording,
  };
}

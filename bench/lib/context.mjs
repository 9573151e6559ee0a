import { findSamplers } from '../tools/find.mjs';
import { machine, machineText } from './machine.mjs';
import { allPythons, mainPython } from './pythons.mjs';
import { withTarget } from './target.mjs';
import { startSampler } from './tool-run.mjs';

/** What every benchmark is given. */
export async function createContext({ runs, seconds, quick, peers }) {
  const main = await mainPython();
  const pythons = await allPythons();
  const found = await findSamplers(pythons);
  const wantsPeer = (name) => !peers || peers.some((word) => name.includes(word));
  const samplers = found.samplers.filter(({ id }) => id === 'ours' || wantsPeer(id));
  const about = machine(pythons);
  const probes = new Map();
  return {
    machine: about,
    text: [
      machineText(about),
      `ours and its peers: ${samplers.map(({ label }) => label).join(', ')}`,
      ...found.notes,
    ].join('\n'),
    quick,
    wantsPeer,
    runs: (usual) => runs ?? (quick ? 1 : usual),
    seconds: (usual) => seconds ?? (quick ? 1 : usual),
    main,
    pythons,
    /** The main Python, and the newest one that has a profiler of its own, because that profiles no other. */
    comparedPythons() {
      const own = pythons.findLast((python) => python.hasProfiler);
      return own && own.version !== main.version ? [main, own] : [main];
    },
    /** The samplers that can sample this Python; says which cannot. */
    async samplersFor(python) {
      if (!probes.has(python.path)) probes.set(python.path, probeAll(samplers, python));
      return probes.get(python.path);
    },
  };
}

async function probeAll(samplers, python) {
  const able = [];
  for (const tool of samplers.filter((sampler) => sampler.canSample(python))) {
    try {
      await withTarget(python, 'spin.py', (pid) =>
        sampleFor(tool, { python, pid, seconds: 1, intervalUs: 1000 }),
      );
      able.push(tool);
    } catch (error) {
      if (tool.id === 'ours') throw error;
      console.log(`cannot sample Python ${python.version}: ${error.message}`);
    }
  }
  return able;
}

/** Samples a process and waits for the recording. */
export function sampleFor(tool, options) {
  return startSampler(tool, options).finished;
}

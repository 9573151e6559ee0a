import { findSamplers } from '../tools/find.mjs';
import { machine, machineText } from './machine.mjs';
import { allPythons, mainPython } from './pythons.mjs';
import { withTarget } from './target.mjs';
import { createTargets } from './targets.mjs';
import { startSampler } from './tool-run.mjs';

/** What every benchmark is given. */
export async function createContext({ runs, seconds, samples, quick, peers, only, programs }) {
  const main = await mainPython();
  const pythons = (await allPythons()).filter(({ version }) => matches(version, only));
  const found = await findSamplers(pythons);
  const wantsPeer = (name) => !peers || peers.some((word) => name.includes(word));
  const samplers = found.samplers.filter(({ id }) => id === 'ours' || wantsPeer(id));
  const about = machine(pythons);
  const probes = new Map();

  /** The main Python, and the newest one that has a profiler of its own, because that profiles no other. */
  function comparedPythons() {
    const own = pythons.findLast((python) => python.hasProfiler);
    return [main, own].filter(
      (python, i, both) =>
        python && matches(python.version, only) && (i === 0 || python.version !== both[0].version),
    );
  }

  return {
    machine: about,
    text: [
      machineText(about),
      `ours and its peers: ${samplers.map(({ label }) => label).join(', ')}`,
      ...found.notes,
    ].join('\n'),
    targets: createTargets(),
    quick,
    wantsPeer,
    wantsProgram: (name) => !programs || programs.some((word) => name.includes(word)),
    runs: (usual) => runs ?? (quick ? 1 : usual),
    seconds: (usual) => seconds ?? (quick ? 1 : usual),
    /** How many samples of ours are wanted at least, if somebody asked. */
    samples,
    /** All the cases of a benchmark, or the first when it only has to be seen to work. */
    cases: (all) => (quick ? all.slice(0, 1) : all),
    main,
    /** Every Python, or the compared ones when it only has to be seen to work. */
    pythons: quick && !only ? comparedPythons() : pythons,
    comparedPythons,
    /**
     * The samplers that can sample this Python; says which cannot. When they only have to be seen to work, a peer that
     * can sample the main Python is left out for the others.
     */
    async samplersFor(python) {
      const wanted = samplers.filter(
        (tool) =>
          tool.canSample(python) &&
          !(quick && tool.id !== 'ours' && python.version !== main.version && tool.canSample(main)),
      );
      if (!probes.has(python.path)) probes.set(python.path, probeAll(wanted, python));
      return probes.get(python.path);
    },
  };
}

function matches(version, only) {
  return !only || only.some((start) => version === start || version.startsWith(`${start}.`));
}

async function probeAll(samplers, python) {
  const able = [];
  for (const tool of samplers) {
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

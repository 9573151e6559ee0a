import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

export function machine(pythons) {
  return {
    cpu: cpus()[0]?.model.trim() || process.arch,
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    pythons: pythons.map((python) => python.version),
    loadBefore: loadavg()[0],
    date: new Date().toISOString(),
  };
}

export function machineText(m) {
  return [
    `machine: ${m.cores} cores (${m.cpu}), ${m.memoryGb} GB, ${m.system}, Node ${m.node}`,
    `Pythons: ${m.pythons.join(', ')}`,
    `load average before: ${m.loadBefore.toFixed(2)}${m.loadBefore > 0.5 ? ' — not quiet: the numbers suffer' : ''}`,
  ].join('\n');
}

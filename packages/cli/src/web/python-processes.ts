import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { ProcessEntry } from '@austin-profiler/web';
import { isAllowed } from '../doctor/machine-checks.js';
import { readText } from '../doctor/proc-text.js';
import { readProcess } from '../doctor/process-facts.js';
import { shellWords } from '../output/shell-words.js';

type Sampler = typeof import('@austin-profiler/sampler');

/** The processes in which a Python runs that we may read, the youngest first. */
export function pythonProcesses(sampler: Pick<Sampler, 'probeMemory'>): ProcessEntry[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .sort((a, b) => b - a);
  return pids.flatMap((pid) => {
    const facts = readProcess(pid);
    if (facts.state !== 'running' || !hasPython(pid, facts.program)) return [];
    if (!isAllowed(sampler.probeMemory(pid))) return [];
    const command = facts.command ? shellWords(facts.command) : facts.name;
    return [{ pid, command, ...(facts.user !== undefined && { user: facts.user }) }];
  });
}

/** By the name of the program, or of a library in it. */
function hasPython(pid: number, program: string | undefined): boolean {
  if (basename(program ?? '').startsWith('python')) return true;
  return /\/libpython3[^/\n]*$/m.test(readText(`/proc/${pid}/maps`) ?? '');
}

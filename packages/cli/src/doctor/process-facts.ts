import { readdirSync, statSync } from 'node:fs';
import { commandOf } from '../recording/proc.js';
import { type CapabilitySet, parseCapabilities } from './capabilities.js';
import { parseStatus, readLink, readText } from './proc-text.js';
import { type Namespaces, readNamespaces, userName } from './system.js';

/** What the kernel says of a process, as far as it says it to us. */
export type ProcessFacts =
  | { readonly state: 'gone' }
  /** It is there, and `/proc` is mounted so that we do not see it. */
  | { readonly state: 'hidden' }
  | { readonly state: 'thread'; readonly processPid: number }
  | { readonly state: 'zombie'; readonly parentPid: number; readonly parentName: string | undefined }
  | { readonly state: 'kernel'; readonly name: string }
  | RunningProcess;

export interface RunningProcess {
  readonly state: 'running';
  readonly pid: number;
  readonly name: string;
  readonly command: readonly string[] | undefined;
  readonly uid: number;
  readonly user: string | undefined;
  /** Whether its real, effective and saved users and groups are one each. */
  readonly isOneUser: boolean;
  /** Whether the kernel protects its memory, as it does after a change of user, or because the program asked for it. */
  readonly isProtected: boolean;
  readonly permitted: CapabilitySet;
  readonly namespaces: Namespaces;
  /** Its pid in its own PID namespace. */
  readonly innerPid: number;
  /** Threads of the operating system, Python's and others. */
  readonly threads: number | undefined;
  /** Path of the program; undefined where it may not be read. */
  readonly program: string | undefined;
  /** Whether the file of the program has been removed or replaced since it started. */
  readonly isDeleted: boolean;
}

const KTHREADD = 2;
const DELETED = ' (deleted)';

export function readProcess(pid: number): ProcessFacts {
  const text = readText(`/proc/${pid}/status`);
  if (text === undefined) return { state: isThere(pid) ? 'hidden' : 'gone' };
  const status = parseStatus(text);
  const processPid = Number(status.get('Tgid') ?? pid);
  if (processPid !== pid) return { state: 'thread', processPid };
  const parentPid = Number(status.get('PPid') ?? 0);
  const name = status.get('Name') ?? '';
  const state = status.get('State') ?? '';
  if (/^[ZX]/.test(state)) {
    const parent = readText(`/proc/${parentPid}/comm`)?.trim();
    return { state: 'zombie', parentPid, parentName: parent };
  }
  if (!status.has('VmSize') && (pid === KTHREADD || parentPid === KTHREADD)) {
    return { state: 'kernel', name };
  }
  const uids = (status.get('Uid') ?? '').split(/\s+/).slice(0, 3);
  const gids = (status.get('Gid') ?? '').split(/\s+/).slice(0, 3);
  const uid = Number(uids[1]);
  const program = readLink(`/proc/${pid}/exe`);
  return {
    state: 'running',
    pid,
    name,
    command: commandOf(pid),
    uid,
    user: userName(uid),
    isOneUser: new Set(uids).size === 1 && new Set(gids).size === 1,
    isProtected: uid !== 0 && ownerOf(`/proc/${pid}/status`) !== uid,
    permitted: parseCapabilities(status.get('CapPrm')),
    namespaces: readNamespaces(pid),
    innerPid: Number(status.get('NSpid')?.split(/\s+/).at(-1) ?? pid),
    threads: countEntries(`/proc/${pid}/task`),
    program: program?.endsWith(DELETED) ? program.slice(0, -DELETED.length) : program,
    isDeleted: program?.endsWith(DELETED) ?? false,
  };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The kernel gives the files of a process that may not be dumped to root, though not its folder. */
function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

function countEntries(path: string): number | undefined {
  try {
    return readdirSync(path).length;
  } catch {
    return undefined;
  }
}

import { release, userInfo } from 'node:os';
import { type CapabilitySet, parseCapabilities } from './capabilities.js';
import { type ContainerKind, containerKind, readContainerSigns } from './container.js';
import { parseLimit, parseStatus, parseUserName, readLink, readNumber, readText } from './proc-text.js';

/** What is known of this machine and of this process, whose rights decide what can be profiled. */
export interface System {
  readonly platform: string;
  readonly architecture: string;
  readonly kernel: string;
  /** For example `glibc 2.36`, or `musl`. */
  readonly libc: string;
  readonly node: string;
  readonly uid: number;
  readonly user: string | undefined;
  readonly effective: CapabilitySet;
  /** What root could have here. */
  readonly bounding: CapabilitySet;
  /** Undefined without Yama. */
  readonly yamaScope: number | undefined;
  /** 0 none, 1 strict, 2 a filter; undefined where the kernel does not say. */
  readonly seccompMode: number | undefined;
  /** Security modules that are active, as the kernel lists them; empty where it does not say. */
  readonly securityModules: readonly string[];
  readonly namespaces: Namespaces;
  /** Whether ids are those of the machine, and not only of this user namespace. */
  readonly isInitialUserNamespace: boolean;
  readonly container: ContainerKind | undefined;
  readonly openFiles: number | undefined;
  /** The highest real-time priority that needs no capability. */
  readonly realtimePriority: number | undefined;
  readonly timerSlackNs: number | undefined;
  readonly clockSource: string | undefined;
}

/** Names of namespaces, such as `pid:[4026531836]`; undefined where they may not be read. */
export interface Namespaces {
  readonly user: string | undefined;
  readonly pid: string | undefined;
  readonly mnt: string | undefined;
}

/** Of the namespaces with which every kernel starts (include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';

export function readSystem(): System {
  const status = parseStatus(readText('/proc/self/status') ?? '');
  const limits = readText('/proc/self/limits') ?? '';
  const namespaces = readNamespaces('self');
  const hasOwnPids = namespaces.pid !== undefined && namespaces.pid !== INITIAL_PID_NAMESPACE;
  const uid = process.getuid?.() ?? -1;
  const seccomp = status.get('Seccomp');
  return {
    platform: process.platform,
    architecture: process.arch,
    kernel: release(),
    libc: libcName(),
    node: process.versions.node,
    uid,
    user: userName(uid),
    effective: parseCapabilities(status.get('CapEff')),
    bounding: parseCapabilities(status.get('CapBnd')),
    yamaScope: readNumber('/proc/sys/kernel/yama/ptrace_scope'),
    seccompMode: seccomp === undefined ? undefined : Number(seccomp),
    securityModules: readText('/sys/kernel/security/lsm')?.trim().split(',').filter(Boolean) ?? [],
    namespaces,
    isInitialUserNamespace: namespaces.user === INITIAL_USER_NAMESPACE,
    container: containerKind(readContainerSigns(hasOwnPids)),
    openFiles: parseLimit(limits, 'Max open files'),
    realtimePriority: parseLimit(limits, 'Max realtime priority'),
    timerSlackNs: readNumber('/proc/self/timerslack_ns'),
    clockSource: readText('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim(),
  };
}

export function readNamespaces(pid: number | 'self'): Namespaces {
  const of = (name: string) => readLink(`/proc/${pid}/ns/${name}`);
  return { user: of('user'), pid: of('pid'), mnt: of('mnt') };
}

export function userName(uid: number): string | undefined {
  if (uid === process.geteuid?.()) {
    try {
      return userInfo().username;
    } catch {
      return undefined; // a uid without a name, as containers have them
    }
  }
  return parseUserName(readText('/etc/passwd') ?? '', uid);
}

function libcName(): string {
  if (process.platform !== 'linux') return 'unknown';
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl';
}

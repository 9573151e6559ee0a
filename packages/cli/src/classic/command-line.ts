import type { RecordingMode } from '@austin-profiler/sampler';
import { combineModes } from '../options/mode.js';
import type { Generation } from './generation.js';
import { type OptionSpec, readOptions } from './option-words.js';
import { classicUsage } from './usage-error.js';
import { exposureUs, heapMegabytes, intervalUs, processId, timeoutMs } from './values.js';

/** What the options say, whatever is to be sampled. */
export interface ClassicOptions {
  readonly mode: RecordingMode;
  readonly intervalUs: number;
  readonly timeoutMs: number;
  /** 0 is no limit. */
  readonly exposureUs: number;
  readonly children: boolean;
  readonly gc: boolean;
  readonly native: boolean;
  readonly kernel: boolean;
  /** Nothing but the stream: a front end is listening. */
  readonly pipe: boolean;
  /** The stream is MOJO, and not text. */
  readonly binary: boolean;
  readonly output?: string;
}

export type ClassicRequest =
  | { readonly kind: 'help' | 'usage' | 'version' }
  /** Neither a command nor a process. */
  | { readonly kind: 'nothing'; readonly options: ClassicOptions }
  | { readonly kind: 'start'; readonly command: readonly string[]; readonly options: ClassicOptions }
  | { readonly kind: 'attach'; readonly pid: number; readonly options: ClassicOptions }
  | { readonly kind: 'where'; readonly pid: number; readonly options: ClassicOptions };

/** Options of Austin 3.7 and 4.0 alike. What one of them does not have means what it means in the other. */
const COMMON = [
  { name: 'alt-format', letters: 'a', words: ['alt-format'], takesValue: false },
  { name: 'binary', letters: 'b', words: ['binary'], takesValue: false },
  { name: 'children', letters: 'C', words: ['children'], takesValue: false },
  { name: 'exclude-empty', letters: 'e', words: ['exclude-empty'], takesValue: false },
  { name: 'full', letters: 'f', words: ['full'], takesValue: false },
  { name: 'gc', letters: 'g', words: ['gc'], takesValue: false },
  { name: 'interval', letters: 'i', words: ['interval'], takesValue: true },
  { name: 'kernel', letters: 'k', words: ['kernel'], takesValue: false },
  { name: 'memory', letters: 'm', words: ['memory'], takesValue: false },
  { name: 'native', letters: 'n', words: ['native'], takesValue: false },
  { name: 'output', letters: 'o', words: ['output'], takesValue: true },
  { name: 'pid', letters: 'p', words: ['pid'], takesValue: true },
  { name: 'pipe', letters: 'P', words: ['pipe'], takesValue: false },
  { name: 'cpu', letters: 'cs', words: ['cpu', 'sleepless'], takesValue: false },
  { name: 'timeout', letters: 't', words: ['timeout'], takesValue: true },
  { name: 'usage', letters: '', words: ['usage'], takesValue: false },
  { name: 'version', letters: 'V', words: ['version'], takesValue: false },
  { name: 'where', letters: 'w', words: ['where'], takesValue: true },
  { name: 'exposure', letters: 'x', words: ['exposure'], takesValue: true },
] as const satisfies readonly OptionSpec[];

type OptionName = (typeof COMMON)[number]['name'] | 'heap' | 'help';

/** `-h` was the size of a heap, and is free for help since that is gone. */
const SPECS: Record<Generation, readonly OptionSpec<OptionName>[]> = {
  3: [
    ...COMMON,
    { name: 'heap', letters: 'h', words: ['heap'], takesValue: true },
    { name: 'help', letters: '?', words: ['help'], takesValue: false },
  ],
  4: [
    ...COMMON,
    { name: 'heap', letters: '', words: ['heap'], takesValue: true },
    { name: 'help', letters: '?h', words: ['help'], takesValue: false },
  ],
};

const DEFAULT_INTERVAL_US = 100;
/** Threads are stopped for a moment for each native stack. */
const NATIVE_INTERVAL_US = 10_000;
const DEFAULT_TIMEOUT_MS = 3_000;

/**
 * What a classic command line asks for.
 *
 * @param words without `austin` itself
 * @param isNative what `austinp` is: native stacks without being asked
 * @throws AustinError of kind `usage`
 */
export function readCommandLine(
  words: readonly string[],
  generation: Generation,
  isNative = false,
): ClassicRequest {
  if (words.length === 0) return { kind: 'help' };
  const flags = new Set<OptionName>();
  let interval: number | undefined;
  let timeout = DEFAULT_TIMEOUT_MS;
  let exposure = 0;
  let output: string | undefined;
  let target: { readonly kind: 'attach' | 'where'; readonly pid: number } | undefined;

  const options = readOptions(words, SPECS[generation]);
  let step = options.next();
  for (; !step.done; step = options.next()) {
    const { name, typed, value } = step.value;
    switch (name) {
      case 'help':
      case 'usage':
      case 'version':
        return { kind: name };
      case 'interval':
        interval = intervalUs(value, typed);
        break;
      case 'timeout':
        timeout = timeoutMs(value, typed);
        break;
      case 'exposure':
        exposure = exposureUs(value, typed);
        break;
      case 'heap':
        heapMegabytes(value, typed);
        break;
      case 'output':
        output = value;
        break;
      case 'pid':
        target = { kind: target?.kind ?? 'attach', pid: processId(value, typed) };
        break;
      case 'where':
        target = { kind: 'where', pid: processId(value, typed) };
        break;
      case 'alt-format':
      case 'binary':
      case 'children':
      case 'cpu':
      case 'exclude-empty':
      case 'full':
      case 'gc':
      case 'kernel':
      case 'memory':
      case 'native':
      case 'pipe':
        flags.add(name);
        break;
    }
  }
  const command = step.value;

  const native = isNative || flags.has('native');
  const given: ClassicOptions = {
    mode: combineModes({ full: flags.has('full'), memory: flags.has('memory'), cpu: flags.has('cpu') }).mode,
    intervalUs: interval ?? (native ? NATIVE_INTERVAL_US : DEFAULT_INTERVAL_US),
    timeoutMs: timeout,
    exposureUs: exposure,
    children: flags.has('children'),
    gc: flags.has('gc'),
    native,
    kernel: flags.has('kernel'),
    pipe: flags.has('pipe'),
    binary: generation === 4 || flags.has('binary'),
    ...(output !== undefined && { output }),
  };
  if (target && command.length > 0) {
    const flag = target.kind === 'where' ? '-w' : '-p';
    throw classicUsage(
      'ERR_USAGE_TARGET',
      `a command and \`${flag} ${target.pid}\` cannot be sampled together`,
    );
  }
  if (target) return { ...target, options: given };
  if (command.length > 0) return { kind: 'start', command, options: given };
  return { kind: 'nothing', options: given };
}

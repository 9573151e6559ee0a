import type { NativeWay, RecordingMode, RecordingOptions } from '@austin-profiler/sampler';

/** What is sampled, and how: all that a recording can be asked for but where it goes. */
export interface SamplingOptions {
  readonly intervalUs: number;
  readonly mode: RecordingMode;
  readonly children: boolean;
  readonly gc: boolean;
  readonly gilOnly: boolean;
  /** Mark which threads hold the interpreter lock. */
  readonly gilHolders: boolean;
  readonly tasks: boolean;
  /** Functions of compiled code, too, taken in this way. */
  readonly native: NativeWay | false;
  /** Functions of the kernel, too. */
  readonly kernel: boolean;
  readonly timeoutMs?: number;
  readonly exposureUs?: number;
  readonly jitter?: boolean;
  /** In percent of one CPU. */
  readonly maxCpu?: number;
}

/** As the sampler takes them. */
export function samplerOptions(options: SamplingOptions): Omit<RecordingOptions, 'pid'> {
  const { intervalUs, mode, children, gc, gilOnly, gilHolders, tasks, native, kernel } = options;
  const { timeoutMs, exposureUs, jitter, maxCpu } = options;
  return {
    intervalUs,
    mode,
    children,
    gc,
    gilOnly,
    gilHolders: gilHolders || gilOnly,
    tasks,
    native,
    kernel,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(exposureUs !== undefined && { durationUs: exposureUs }),
    ...(jitter !== undefined && { jitter }),
    ...(maxCpu !== undefined && { maxCpuPercent: maxCpu }),
  };
}

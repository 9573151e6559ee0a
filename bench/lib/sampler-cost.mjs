import { setTimeout as sleep } from 'node:timers/promises';
import { cpuClock } from './cpu-time.mjs';
import { startSampler } from './tool-run.mjs';

/** Until the slowest sampler has started, and for what it does at its end. */
const SETTLE_SECONDS = 1;

/**
 * A recording with what its sampler used meanwhile, its start and its end left out: `cpu` in seconds a second, and
 * `cpuUsPerSample`.
 */
export async function sampleWithCost(tool, { seconds, ...options }) {
  const sampler = startSampler(tool, { ...options, seconds: seconds + 2 * SETTLE_SECONDS });
  await sleep(SETTLE_SECONDS * 1000);
  const [begin, clock] = [performance.now(), cpuClock(sampler.pid)];
  await sleep(seconds * 1000);
  const cpu = clock() / ((performance.now() - begin) / 1000);
  const recording = await sampler.finished;
  const rate = recording.samples / recording.seconds;
  return { ...recording, rate, cpu, cpuUsPerSample: (cpu / rate) * 1e6 };
}

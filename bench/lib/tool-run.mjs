import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { scratchFile } from './scratch.mjs';

/** Beyond the seconds asked for: to start, and to write what was sampled. */
const PATIENCE_SECONDS = 60;

/**
 * Starts a sampler on a process. `finished` settles with its recording:
 *
 * - `samples`: how many there are; one is one thread in one round
 * - `seconds`: the time in which they were taken, by the recording itself where it carries times
 * - `stacks`: the different ones, each {frames (outermost first: {name, file, line}), isValid (as the sampler says), count, weight}
 * - `periodUs`, `counts`: more that some samplers tell
 *
 * It rejects if the sampler fails or recorded nothing: a benchmark never goes on with an empty recording.
 */
export function startSampler(tool, { python, pid, seconds, intervalUs }) {
  const output = `${scratchFile('recording')}${tool.extension ?? ''}`;
  const [command, ...args] = tool.command({ python, pid, seconds, intervalUs, output });
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let begun;
  let sampledSeconds = seconds;
  const collect = (text) => {
    log += text;
    if (begun !== undefined || !tool.begins?.test(log)) return;
    begun = performance.now();
    setTimeout(() => {
      sampledSeconds = (performance.now() - begun) / 1000;
      child.kill('SIGINT');
    }, seconds * 1000);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect);

  const finished = new Promise((resolve, reject) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), (seconds + PATIENCE_SECONDS) * 1000);
    const end = () => process.off('exit', kill);
    const kill = () => child.kill('SIGKILL');
    process.on('exit', kill);
    child.on('error', reject);
    child.on('close', async (status, signal) => {
      end();
      clearTimeout(patience);
      try {
        if (!(tool.successes ?? [0]).includes(status) || !existsSync(output)) {
          throw new Error(`ended with ${status ?? signal}: ${lastWords(log)}`);
        }
        const recording = await tool.read(output, { log, seconds: sampledSeconds });
        if (recording.samples === 0) throw new Error(`recorded no sample: ${lastWords(log)}`);
        if (!(recording.seconds > 0)) throw new Error(`does not tell how long it sampled: ${lastWords(log)}`);
        resolve(recording);
      } catch (error) {
        reject(new Error(`${tool.label} ${error.message}`));
      } finally {
        rmSync(output, { force: true });
      }
    });
  });
  // Whoever waits for it later gets the error then.
  finished.catch(() => {});
  return { pid: child.pid, finished };
}

/** The line that names the trouble, or what came last. */
function lastWords(log) {
  const lines = log.trim().split('\n');
  const named = lines.find((line) => /\berror\b|cannot|not a python|unable|unsupported|denied/i.test(line));
  return (named ?? lines.slice(-2).join(' | ')).trim().slice(-200) || '(it said nothing)';
}

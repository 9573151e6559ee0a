import { spawn } from 'node:child_process';
import { dirname } from 'node:path';

export const root = dirname(import.meta.dirname);

/** The path of a development tool, found without a package manager's help. */
export function tool(name) {
  return `${root}/node_modules/.bin/${name}`;
}

/**
 * Runs one step and prints one line about it, after the output of a step that failed.
 *
 * @param options.live show the output as it comes
 * @returns {Promise<{name: string, ok: boolean, output: string}>}
 */
export async function runStep({ name, command, args, env, live = false }) {
  const started = performance.now();
  const { status, output } = await capture(command, args, env, live);
  const ok = status === 0;
  if (!ok && !live) process.stdout.write(output);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${ok ? '' : `: ${[command, ...args].join(' ')}`}`,
  );
  return { name, ok, output };
}

function capture(command, args, env, live) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const [stream, shown] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (live) shown.write(text);
      });
    }
    child.on('error', (error) => resolve({ status: 127, output: `${output}${error.message}\n` }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

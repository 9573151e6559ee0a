import { spawn } from 'node:child_process';

/**
 * Runs a command and shows its output on stderr only if it fails; says what is going on if it takes a while.
 * Returns the exit status.
 */
export async function runQuietly(what, command, args, options = {}) {
  const output = [];
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const notice = setTimeout(() => process.stderr.write(`austin: ${what} ...\n`), 2000);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      output.push(`${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
  clearTimeout(notice);
  if (status !== 0) process.stderr.write(Buffer.concat(output.map((chunk) => Buffer.from(chunk))));
  return status;
}

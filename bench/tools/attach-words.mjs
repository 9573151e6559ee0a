/** How Austin is told to sample a process for a while, and so are we. */
export function attachWords({ pid, seconds, intervalUs, output }) {
  return ['-i', `${intervalUs}us`, '-x', String(seconds), '-o', output, '-p', String(pid)];
}

import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Runs `work` while another program keeps every processor busy. */
export async function underLoad(python, work) {
  const burners = Array.from({ length: availableParallelism() }, () =>
    spawn(python.path, ['-c', 'while True: pass'], { stdio: 'ignore' }),
  );
  try {
    return await work();
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
  }
}

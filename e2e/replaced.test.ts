import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canUnshare, childrenOf, copyOf, expectTrue, loadedLibraries, works } from './attach-helpers.js';
import { CLI } from './cli-helpers.js';
import { findPythons } from './pythons.js';
import { hasCommand, judge, readProfile, startTruthful, temporaryFolder } from './record-helpers.js';

const pythons = await findPythons({ freeThreaded: true });
const newest = pythons.find((python) => python.version.minor === 15) ?? pythons.at(-1)!;

/** A process that may read others' memory, but not open what they have mapped. */
const WITHOUT_MAP_FILES = ['setpriv', '--bounding-set', '-sys_admin,-checkpoint_restore'];
const canDropRights =
  hasCommand('setpriv') && works(WITHOUT_MAP_FILES[0]!, ...WITHOUT_MAP_FILES.slice(1), 'true');
if (!canDropRights) console.log('skipped: images that are only in memory. Run as root, with setpriv.');

const canUnshareUser = canUnshare && works('unshare', '--user', '--map-root-user', 'true');
if (canUnshare && !canUnshareUser) console.log('skipped: user namespaces. They are forbidden here.');

describe.each(pythons)('Python $name', (python) => {
  it.skipIf(python === newest)('whose files have been replaced by those of another version', async () => {
    const { command, files, env } = copyOf(python);
    const program = await startTruthful(command, ['shares.py'], { env });
    const [other] = loadedLibraries(newest);
    for (const [index, file] of files.entries()) {
      // As a package manager does it: the new file takes the name, the process keeps the old one.
      copyFileSync(index === 0 ? newest.path : (other ?? newest.path), `${file}.new`);
      renameSync(`${file}.new`, file);
    }
    await expectTrue(program);
  });

  it.runIf(canDropRights && loadedLibraries(python).length > 0)(
    'whose library is in memory only',
    async () => {
      const { command, files, env } = copyOf(python);
      const program = await startTruthful(command, ['shares.py'], { env });
      for (const file of files) rmSync(file);
      const maps = readFileSync(`/proc/${program.pid}/maps`, 'utf8');
      const row = maps.split('\n').find((line) => line.includes(`${files.at(-1)} (deleted)`));
      const mapped = `/proc/${program.pid}/map_files/${row?.split(' ')[0]}`;
      const [setpriv, ...rights] = WITHOUT_MAP_FILES;
      expect(works('head', '-c', '1', mapped)).toBe(true);
      expect(works(setpriv!, ...rights, 'head', '-c', '1', mapped)).toBe(false);
      const path = join(temporaryFolder(), 'recording.mojo');
      const record = ['record', '-p', String(program.pid), '-x', '0.15', '-o', path];
      execFileSync(setpriv!, [...rights, process.execPath, CLI, ...record], { stdio: 'pipe' });
      const { illegal, legal } = judge(await readProfile(readFileSync(path)), program.truth);
      expect(illegal).toEqual([]);
      expect(legal).toBeGreaterThan(0);
    },
  );

  it.runIf(canUnshareUser)('in user, PID and mount namespaces of its own', async () => {
    const args = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', python.path, 'threads.py'];
    const program = await startTruthful('unshare', args);
    expect(program.truth.pid).toBe(1);
    const [pid] = childrenOf(program.pid);
    await expectTrue(program, { pid: pid!, foreignTids: true });
  });
});

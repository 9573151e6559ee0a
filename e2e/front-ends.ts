import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, CLI3, temporaryFolder } from './cli-helpers.js';
import { installPythonPackages, type PythonPackages } from './python-packages.js';

/** The front ends of one generation, unmodified, in a virtual environment of their own. */
export interface FrontEnds extends PythonPackages {
  /** An environment in which they find our `austin`, and a folder to run in. */
  environment(): NodeJS.ProcessEnv;
}

/**
 * Installs front ends, as {@link installPythonPackages} does.
 *
 * @param generation which of our executables they find as `austin`
 */
export async function installFrontEnds(
  generation: 3 | 4,
  packages: readonly string[],
  minors: readonly number[],
): Promise<FrontEnds | undefined> {
  const installed = await installPythonPackages(packages, minors);
  return (
    installed && {
      ...installed,
      environment() {
        const folder = temporaryFolder();
        symlinkSync(generation === 3 ? CLI3 : CLI, join(folder, 'austin'));
        return { AUSTINPATH: folder };
      },
    }
  );
}

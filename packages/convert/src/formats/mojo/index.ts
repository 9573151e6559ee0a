import { type MojoVersion, readMojo, type WriteMojoOptions, writeMojo } from '@austin-profiler/mojo';
import { AustinError } from '@austin-profiler/profile';
import type { Format, WriteOptions } from '../../format.js';
import { withHexThreadIds } from '../../thread-ids.js';
import { detectMojo } from './detect.js';
import { MojoStream } from './stream.js';

const VERSIONS: readonly MojoVersion[] = [1, 2, 3, 4];

/** The sampler's own binary format: holds all that the sampler records. */
export const mojo: Format = {
  id: 'mojo',
  title: 'MOJO',
  extensions: ['.mojo'],
  mediaType: 'application/x-austin-mojo',
  loses: ['whether a thread had an interpreter id', 'first lines of functions', 'lone surrogates in names'],
  detect: detectMojo,
  read: async (chunks, sink, options) => {
    await readMojo(chunks, sink, { strict: options.strict === true });
  },
  write: (profile, options) => writeMojo(withHexThreadIds(profile), mojoOptions(options)),
  stream: (options) => new MojoStream(mojoOptions(options)),
};

function mojoOptions(options: WriteOptions): WriteMojoOptions {
  if (options.version === undefined) return {};
  const version = VERSIONS.find((known) => known === options.version);
  if (version !== undefined) return { version };
  throw new AustinError('ERR_USAGE_VERSION', `MOJO has no version ${options.version}.`, {
    kind: 'usage',
    hint: `Versions that can be written: ${VERSIONS.join(', ')}.`,
  });
}

// decode.mjs FILE SAMPLES: reads a recording into a profile, which must have so many samples.
import { createReadStream } from 'node:fs';
import { readMojo } from '../../packages/mojo/dist/index.js';
import { ProfileBuilder } from '../../packages/profile/dist/index.js';

const [path, samples] = process.argv.slice(2);
const builder = new ProfileBuilder();
await readMojo(createReadStream(path), builder);
const { length } = builder.build().samples;
if (length !== Number(samples)) throw new Error(`${length} samples of ${samples}`);

import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { perftools } from '../../packages/convert/src/formats/pprof/generated/profile.js';

/** Rounding to whole units, at most. */
const TOLERANCE = 1e-6;

/** Throws where the output of a converter has not all the microseconds of its input: then it has not done the work. */
export async function requireWeight(format, path, { totalUs }, who) {
  const weight = await weighOutput[format](path);
  if (!(Math.abs(weight / totalUs - 1) <= TOLERANCE))
    throw new Error(`${who} wrote ${weight} µs of ${totalUs}`);
}

/** The microseconds in an output, by format. */
const weighOutput = {
  async collapsed(path) {
    let total = 0;
    // It can be longer than a string may be.
    for await (const line of createInterface({ input: createReadStream(path, 'latin1') })) {
      if (line !== '' && !line.startsWith('#')) total += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
    return total;
  },

  speedscope(path) {
    const { profiles } = JSON.parse(readFileSync(path, 'utf8'));
    return profiles.reduce((total, profile) => total + profile.weights.reduce((a, b) => a + b, 0), 0);
  },

  html(path) {
    const [, payload] = /id="profile">(.*?)<\/script>/s.exec(readFileSync(path, 'utf8'));
    return JSON.parse(payload).cells.weight[0].reduce((a, b) => a + b, 0);
  },

  pprof(path) {
    const bytes = readFileSync(path);
    const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const profile = perftools.profiles.Profile.decode(isGzipped ? gunzipSync(bytes) : bytes);
    const units = profile.sampleType.map(({ unit }) => profile.stringTable[Number(unit)]);
    // The reference writes μs, with the Greek letter.
    const perUnit = { microseconds: 1, us: 1, μs: 1, nanoseconds: 1e-3, ns: 1e-3 };
    const at = units.findIndex((unit) => unit in perUnit);
    if (at < 0) throw new Error(`no unit of time in ${path}: ${units.join(', ')}`);
    return profile.sample.reduce((total, sample) => total + Number(sample.value[at]), 0) * perUnit[units[at]];
  },
};

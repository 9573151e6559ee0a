import { describe, expect, it } from 'vitest';
import { SampleFlag } from '../packages/profile/dist/index.js';
import { findPythons } from './pythons.js';
import { framesOf, startRecordingFile, startTruthful } from './record-helpers.js';

const pythons = await findPythons();

const SECONDS = '3';

describe.each(pythons)('Python 3.$version.minor', (python) => {
  it('the share of each function is what the program measured itself', async () => {
    const program = await startTruthful(python.path, ['shares.py', SECONDS]);
    const { finished } = startRecordingFile(program.pid);
    const { shares } = JSON.parse((await program.line()) ?? '{}') as { shares: Record<string, number> };
    const { profile, result } = await finished;
    expect(result.end).toBe('target-ended');
    const { samples } = profile;

    const weights = new Map<string, number>();
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < samples.length; i++) {
      if (samples.flags[i]! & SampleFlag.Invalid) continue;
      const part = framesOf(profile, samples.stack[i]!).find(({ name }) => name in shares)?.name;
      if (part === undefined) continue; // between two of them, or before and after the work
      const weight = samples.timeUs[i]!;
      weights.set(part, (weights.get(part) ?? 0) + weight);
      sum += weight;
      squares += weight * weight;
    }
    expect(Object.keys(shares)).toEqual(['seventy', 'twenty', 'ten']);
    // So many samples of equal weight would tell as much: a busy machine makes samples late, and some weigh more.
    const effective = (sum * sum) / squares;
    for (const [name, share] of Object.entries(shares)) {
      const deviation = Math.sqrt((share * (1 - share)) / effective);
      const off = Math.abs((weights.get(name) ?? 0) / sum - share);
      expect(off, `${name}: ${share} of ${effective} samples`).toBeLessThan(5 * deviation + 0.005);
    }
  });
});

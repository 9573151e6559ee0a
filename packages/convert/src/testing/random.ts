import { type Profile, ProfileBuilder, SampleFlag } from '@austin-profiler/profile';
import { addStack, py } from './profiles.js';

/** A profile in full mode, the same for the same seed. */
export function randomProfile(seed: number, length = 1000): Profile {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const builder = new ProfileBuilder();
  builder.addMetadata('mode', 'full');
  for (let i = 0; i < length; i++) {
    const frames = Array.from({ length: random(12) }, () =>
      py(`m${random(3)}.py`, `f${random(9)}`, random(40)),
    );
    const thread = builder.tables.internThread(300 + random(2), random(2), (300 + random(3)).toString(16));
    const flags = (random(9) === 0 ? SampleFlag.Gc : 0) | (random(3) === 0 ? SampleFlag.Idle : 0);
    const invalid = random(7) === 0 ? SampleFlag.Invalid : 0;
    builder.addSample(
      addStack(builder, frames),
      thread,
      random(2000),
      random(1 << 20) - (1 << 19),
      flags | invalid,
    );
  }
  return builder.build();
}

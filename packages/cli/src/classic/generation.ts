/** The two generations of Austin whose command line and stream are spoken here; they cannot be mixed. */
export type Generation = 3 | 4;

/** The names of the command: `austinp` is the one with native stacks. */
export type ClassicProgram = 'austin' | 'austinp';

/** The version that front ends are told. They compare it with the least they support. */
export const COMPATIBLE_VERSION: Record<Generation, string> = { 3: '3.7.0', 4: '4.0.0' };

/** The generation that the environment asks for, which is the newer one without a wish. */
export function generationOf(env: NodeJS.ProcessEnv): Generation {
  return env.AUSTIN_COMPAT === '3' ? 3 : 4;
}

import type { Format } from '../../format.js';
import { detectCpuProfile } from './detect.js';

/** The CPU profile of V8, as Node and Chrome DevTools save it. */
export const cpuprofile: Format = {
  id: 'cpuprofile',
  title: 'V8 CPU profile',
  extensions: ['.cpuprofile'],
  mediaType: 'application/json',
  loses: [],
  detect: detectCpuProfile,
  read: async (...input) => (await import('./read.js')).readCpuProfile(...input),
};

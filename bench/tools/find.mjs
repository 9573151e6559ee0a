import { findAustins } from './austin.mjs';
import { findCpythonProfilers } from './cpython.mjs';
import { ours } from './ours.mjs';
import { findPySpy } from './py-spy.mjs';

/** Our sampler first, then the peers on this machine, and a note about each that is missing. */
export async function findSamplers(pythons) {
  const searches = [
    { name: 'Austin', ...(await findAustins()) },
    { name: 'py-spy', ...(await findPySpy()) },
    { name: 'profiling.sampling (CPython 3.15 or later)', ...findCpythonProfilers(pythons) },
  ];
  return {
    samplers: [ours, ...searches.flatMap(({ tools }) => tools)],
    notes: searches.flatMap(({ name, tools, notes }) =>
      tools.length + notes.length > 0 ? notes : [`not found: ${name}`],
    ),
  };
}

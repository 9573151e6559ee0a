import type { LocatedMojoEvent, MojoEvent } from '../src/events.js';

/** An event as it was before it was written: where it stood does not matter. */
export function withoutPlace(event: LocatedMojoEvent): MojoEvent {
  const fields = Object.entries(event).filter(([name]) => name !== 'offset' && name !== 'size');
  return Object.fromEntries(fields) as unknown as MojoEvent;
}

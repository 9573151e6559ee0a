/** Slots of the time line: the first, and the one after the last. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
}

/** The slots between two places of the line, from 0 to 1 in any order; one at least. */
export function rangeBetween(a: number, b: number, slots: number): SlotRange {
  const clamp = (value: number): number => Math.min(Math.max(value, 0), slots);
  const from = Math.min(Math.floor(clamp(Math.min(a, b) * slots)), slots - 1);
  return { from, to: Math.max(from + 1, Math.ceil(clamp(Math.max(a, b) * slots))) };
}

/** One edge of a range moved to a slot, which leaves at least one slot. */
export function moveEdge(range: SlotRange, edge: 'from' | 'to', to: number, slots: number): SlotRange {
  return edge === 'from'
    ? { ...range, from: Math.min(Math.max(to, 0), range.to - 1) }
    : { ...range, to: Math.max(Math.min(to, slots), range.from + 1) };
}

/** Where a key moves the edge that stands at `at`; undefined when it is none of ours. */
export function edgeAfterKey(key: string, isFar: boolean, at: number, slots: number): number | undefined {
  const step = isFar ? Math.max(1, Math.round(slots / 10)) : Math.max(1, Math.round(slots / 200));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return at - step;
    case 'ArrowRight':
    case 'ArrowUp':
      return at + step;
    case 'PageDown':
      return at - Math.max(1, Math.round(slots / 10));
    case 'PageUp':
      return at + Math.max(1, Math.round(slots / 10));
    case 'Home':
      return 0;
    case 'End':
      return slots;
    default:
      return undefined;
  }
}

import { EMPTY_STACK, type FrameInfo, type Profile, type StackId } from '@austin-profiler/profile';

/** What a text of the frames of a stack looks like. */
export interface StackTextStyle {
  readonly frameText: (frame: FrameInfo) => string;
  /** Between two frames. */
  readonly separator: string;
  /** Texts of stacks are remembered, and forgotten all at once when there are this many. */
  readonly maxKnown: number;
}

/** Gives the text of each stack, outermost frame first; that of the empty stack is empty. */
export function stackTexts(
  { tables }: Profile,
  { frameText, separator, maxKnown }: StackTextStyle,
): (id: StackId) => string {
  const frames: string[] = [];
  const stacks = new Map<StackId, string>();
  return (id) => {
    if (id === EMPTY_STACK) return '';
    const known = stacks.get(id);
    if (known !== undefined) return known;
    const text = tables
      .stackFrames(id)
      .map((frame) => {
        frames[frame] ??= frameText(tables.frameInfo(frame));
        return frames[frame];
      })
      .join(separator);
    if (stacks.size >= maxKnown) stacks.clear();
    stacks.set(id, text);
    return text;
  };
}

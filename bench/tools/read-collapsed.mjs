import { readFileSync } from 'node:fs';

/**
 * Reads "frame;frame;frame count" lines.
 *
 * @param toFrame {name, file, line} of a frame's text, or undefined for one that no Python code has
 * @param skip how many leading frames are no frames
 */
export function readCollapsedRecording(path, seconds, toFrame, skip = 0) {
  const stacks = [];
  let samples = 0;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue;
    const space = line.lastIndexOf(' ');
    const count = Number(line.slice(space + 1));
    if (!(count > 0)) throw new Error(`no count at the end of: ${line}`);
    const frames = line
      .slice(0, space)
      .split(';')
      .slice(skip)
      .map(toFrame)
      .filter((frame) => frame !== undefined);
    stacks.push({ frames, isValid: true, count, weight: count });
    samples += count;
  }
  return { samples, seconds, stacks };
}

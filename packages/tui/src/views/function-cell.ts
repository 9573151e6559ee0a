import { FrameKind, type FunctionId, type Profile } from '@austin-profiler/profile';
import { functionFile, functionName } from '../model/names.js';
import { Style } from '../screen/styles.js';
import { cellWidth, fit, fitEnd } from '../screen/text.js';
import type { Canvas } from './view.js';

const KIND_STYLES: Record<FrameKind, Style> = {
  [FrameKind.Python]: Style.Plain,
  [FrameKind.Native]: Style.Native,
  [FrameKind.Kernel]: Style.Kernel,
};

/** A file shorter than this tells nothing. */
const LEAST_FILE_CELLS = 6;

/** Writes `name  file:line` from a column to the end of the row: of a long path the end, which tells files apart. */
export function drawFunction(
  { grid, y }: Canvas,
  from: number,
  profile: Profile,
  fn: FunctionId,
  options: { readonly line?: number; readonly style?: Style } = {},
): void {
  const room = grid.width - from;
  if (room <= 0) return;
  const file = functionFile(profile, fn);
  const place = options.line ? `${file}:${options.line}` : file;
  const fileCells = Math.min(cellWidth(place, room), Math.max(Math.floor(room / 2) - 2, 0));
  const nameCells = fileCells < LEAST_FILE_CELLS ? room : room - fileCells - 2;
  const name = fit(functionName(profile, fn), nameCells);
  const style = options.style ?? Style.Plain;
  const kind = profile.tables.functionKind(fn);
  const at = grid.put(from, y, name, style === Style.Plain ? KIND_STYLES[kind] : style) + 2;
  if (place !== '' && grid.width - at >= LEAST_FILE_CELLS) {
    grid.put(at, y, fitEnd(place, grid.width - at), Style.Dim);
  }
}

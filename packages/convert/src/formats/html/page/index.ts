/**
 * The page of the HTML format in parts, for pages that are filled in another way. Runs in browsers only; the elements it
 * expects are those of `SKELETON` in `../page-parts.ts`.
 */
export { formatCount, formatDuration, formatPercent, formatWeight } from '../../../numbers.js';
export { App, type WeighedRows } from './app.js';
export { button, byId, element } from './dom.js';
export { Header } from './header.js';
export type { Facts, FrameColumns, FunctionColumns, MetricInfo, PageData, TimeInfo } from './payload.js';
export type { Cells, Recording } from './recording.js';
export { placeText } from './row-texts.js';
export type { SourceLoader } from './source-view.js';
export { shorten, visible } from './visible-text.js';

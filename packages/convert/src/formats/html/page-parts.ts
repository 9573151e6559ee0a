/** What the page of the HTML format is made of: its elements before they are filled, and its style. */
export { PAGE_STYLE } from './generated/page.js';
export { SKELETON } from './skeleton.js';

/** What fills the page of the HTML format, for pages that are filled piece by piece while a recording is made. */
export { type RawMetric, SampleCells } from '../../adding-up/sample-cells.js';
export type { SampleTotals } from '../../adding-up/sample-totals.js';
export { factsOf } from './facts.js';
export { FrameRows } from './frame-rows.js';
export { hasTimeLine, type PageMetric, pageMetrics, threadLabel, timeUnit } from './model.js';
export type { Facts, FrameColumns, FunctionColumns, MetricInfo, TimeInfo } from './page/payload.js';
export { StackNodes } from './stack-nodes.js';

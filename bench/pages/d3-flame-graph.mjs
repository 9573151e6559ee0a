// The script of a page with nothing but a flame graph of d3-flame-graph, which grows as that of Austin Web does.
import flamegraph from 'd3-flame-graph';
import { select } from 'd3-selection';

const { searchParams } = new URL(location.href);
const chart = flamegraph().width(innerWidth);
if (searchParams.get('manner') === 'frugal') {
  // Nothing moves, and what is narrower than a pixel is left out.
  chart.transitionDuration(0).minFrameSize(1);
}

const answer = async (name) => (await fetch(name)).json();

globalThis.draw = async () => {
  select('#graph')
    .datum(await answer('tree'))
    .call(chart);
};
globalThis.grow = async () => {
  chart.merge(await answer('growth'));
};

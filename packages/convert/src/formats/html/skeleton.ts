/** What the page consists of before its script fills it. No text from the profile is in here. */
export const SKELETON = `<header>
<p class="kicker">Python profile</p>
<h1 id="title"></h1>
<dl id="facts" class="facts"></dl>
<ul id="notes" class="notes" hidden></ul>
<details id="metadata-box"><summary>Everything the recording says of itself</summary><dl id="metadata" class="metadata"></dl></details>
</header>
<noscript><p class="notice">The graph is drawn by a script of this page. Allow scripts to see it; nothing is fetched from elsewhere.</p></noscript>
<main>
<section id="empty" class="notice" hidden><h2>This profile is empty</h2><p id="empty-reason"></p></section>
<div id="views" hidden>
<div class="toolbar" role="group" aria-label="What is shown">
<div class="controls">
<label>Measure<select id="metric"></select></label>
<label>Threads<select id="threads"></select></label>
<label>Rows<select id="rows"><option value="function">Functions</option><option value="line">Lines</option><option value="module">Modules</option></select></label>
<label class="search">Search<input id="search" type="search" placeholder="text or /regex/" autocomplete="off" spellcheck="false" aria-describedby="matched"></label>
<div class="buttons">
<label class="check"><input id="own" type="checkbox">Your code only</label>
<label class="check"><input id="split" type="checkbox">Split by thread</label>
<button id="invert" type="button" aria-pressed="false">Invert</button>
<button id="reset" type="button" disabled>Reset zoom</button>
</div>
</div>
<output id="matched" for="search" aria-live="polite"></output>
</div>
<section id="time-section" aria-labelledby="time-title">
<div class="section-head"><h2 id="time-title">Time line</h2><p id="time-note" class="quiet"></p></div>
<div class="time">
<div id="lanes" class="lanes"><div id="lanes-content" class="lanes-content"><canvas id="lanes-canvas" role="img"></canvas></div></div>
<div id="track" class="track" role="group" aria-label="Selected time">
<div id="chosen" class="chosen whole"></div>
<div id="edge-from" class="edge" role="slider" tabindex="0" aria-label="From"></div>
<div id="edge-to" class="edge" role="slider" tabindex="0" aria-label="To"></div>
</div>
<div id="axis" class="axis" aria-hidden="true"></div>
</div>
<div class="time-foot"><output id="range" aria-live="polite"></output><button id="whole-time" type="button" disabled>Whole time</button></div>
<ul class="legend" aria-label="Colours of the lanes"><li class="lane-own">your code</li><li class="lane-library">libraries</li><li class="lane-native">native, kernel, or no Python frames</li><li class="lane-gc">garbage collection</li><li class="lane-invalid">invalid stack</li><li class="lane-idle">off CPU</li></ul>
</section>
<section aria-labelledby="graph-title">
<div class="section-head"><h2 id="graph-title">Flame graph</h2><p id="summary"></p></div>
<div class="panes">
<div class="graph-box">
<div id="graph" class="graph" role="tree" tabindex="0" aria-label="Flame graph" aria-describedby="keys" aria-activedescendant="graph-cursor">
<div id="graph-content" class="graph-content">
<canvas id="graph-canvas" aria-hidden="true"></canvas>
<div id="graph-hover" class="graph-hover" aria-hidden="true" hidden></div>
<div id="graph-cursor" class="graph-cursor" role="treeitem"></div>
</div>
</div>
<ul class="legend" aria-label="Colours of the graph"><li class="own">your code</li><li class="libraries">libraries</li><li class="native">native</li><li class="kernel">kernel</li><li class="added">no function</li><li class="match">search match</li></ul>
<p id="keys" class="quiet">Click or <kbd>Enter</kbd> zooms; <kbd>Esc</kbd> resets; arrow keys move; <kbd>/</kbd> searches. Width is weight; the heaviest callee is leftmost. Frames narrower than a pixel are drawn together.</p>
</div>
<div id="details" class="details" role="region" aria-label="Frame details"></div>
</div>
<div id="tooltip" class="tooltip" role="tooltip" hidden></div>
</section>
<section aria-labelledby="functions-title">
<div class="section-head"><h2 id="functions-title">Hottest</h2><p id="functions-note"></p></div>
<table class="functions" aria-labelledby="functions-title">
<thead><tr><th scope="col"><button id="sort-name" type="button">Name</button></th><th scope="col"><button id="sort-self" type="button">Self</button></th><th scope="col"><button id="sort-total" type="button">Total</button></th></tr></thead>
<tbody id="functions-body"></tbody>
</table>
<button id="functions-more" type="button" hidden>Show more</button>
</section>
<section id="source-section" aria-labelledby="source-title">
<div class="section-head"><h2 id="source-title">Source</h2></div>
<div class="source-panes">
<div class="source-side">
<h3>Hottest lines, self</h3>
<ol id="hottest" class="hottest"></ol>
</div>
<div class="source-main">
<div class="controls">
<label class="file">File<select id="file"></select></label>
<div class="buttons"><button id="hotter-up" type="button">Previous hot line</button><button id="hotter-down" type="button">Next hot line</button></div>
</div>
<p id="source-note" class="quiet" aria-live="polite"></p>
<div class="source-head" aria-hidden="true"><span>Line</span><span>Self</span><span>Total</span></div>
<div id="source" class="source" role="table" tabindex="0" aria-label="Lines with self and total share" aria-describedby="source-keys"><div id="source-content" class="source-content" role="rowgroup"></div></div>
<p id="source-keys" class="quiet"><kbd>n</kbd> and <kbd>p</kbd> go to the next and the previous hot line. The stripe at the left is self, the tint behind the text total; where columns are known, expressions are underlined by their total.</p>
</div>
</div>
</section>
<footer class="quiet"><p>Self is weight with the row innermost, total with it anywhere in the stack; recursion counts once. Shares come from samples: behind each is its 95 % interval (Wilson), drawn as a line over the end of its bar, which takes samples as independent.</p><p id="detail-note"></p></footer>
</div>
</main>`;

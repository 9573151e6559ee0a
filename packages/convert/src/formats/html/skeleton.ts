/** What the page consists of before its script fills it. No text from the profile is in here. */
export const SKELETON = `<header>
<p class="kicker">Python profile</p>
<h1 id="title"></h1>
<dl id="facts" class="facts"></dl>
<ul id="notes" class="notes" hidden></ul>
<details id="metadata-box"><summary>Everything the recording says of itself</summary><dl id="metadata" class="metadata"></dl></details>
</header>
<noscript><p class="notice">The graph is drawn by a script inside this file. Allow scripts to see it; nothing is fetched from anywhere.</p></noscript>
<main>
<section id="empty" class="notice" hidden><h2>This profile is empty</h2><p id="empty-reason"></p></section>
<div id="views" hidden>
<section aria-labelledby="graph-title">
<div class="section-head"><h2 id="graph-title">Flame graph</h2><p id="summary"></p></div>
<div class="controls">
<label>Measure<select id="metric"></select></label>
<label>Threads<select id="threads"></select></label>
<label class="search">Search<input id="search" type="search" placeholder="text or /regex/" autocomplete="off" spellcheck="false" aria-describedby="matched"></label>
<div class="buttons">
<label class="check"><input id="split" type="checkbox">Split by thread</label>
<button id="invert" type="button" aria-pressed="false">Invert</button>
<button id="reset" type="button" disabled>Reset zoom</button>
</div>
</div>
<output id="matched" for="search" aria-live="polite"></output>
<div class="panes">
<div class="graph-box">
<div id="graph" class="graph" role="tree" tabindex="0" aria-label="Flame graph" aria-describedby="keys" aria-activedescendant="graph-cursor">
<div id="graph-content" class="graph-content">
<canvas id="graph-canvas" aria-hidden="true"></canvas>
<div id="graph-hover" class="graph-hover" aria-hidden="true" hidden></div>
<div id="graph-cursor" class="graph-cursor" role="treeitem"></div>
</div>
</div>
<ul class="legend" aria-label="Colours"><li class="own">your code</li><li class="libraries">libraries</li><li class="native">native</li><li class="match">search match</li></ul>
<p id="keys" class="quiet">Click or <kbd>Enter</kbd> zooms; <kbd>Esc</kbd> resets; arrow keys move; <kbd>/</kbd> searches. Width is weight; the heaviest callee is leftmost. Frames narrower than a pixel are drawn together.</p>
</div>
<div id="details" class="details" role="region" aria-label="Frame details"></div>
</div>
<div id="tooltip" class="tooltip" role="tooltip" hidden></div>
</section>
<section aria-labelledby="functions-title">
<div class="section-head"><h2 id="functions-title">Functions</h2><p id="functions-note"></p></div>
<table class="functions" aria-labelledby="functions-title">
<thead><tr><th scope="col"><button id="sort-name" type="button">Function</button></th><th scope="col"><button id="sort-self" type="button">Self</button></th><th scope="col"><button id="sort-total" type="button">Total</button></th></tr></thead>
<tbody id="functions-body"></tbody>
</table>
<button id="functions-more" type="button" hidden>Show more</button>
</section>
<footer class="quiet"><p>Self is weight with the function innermost, total with the function anywhere in the stack; recursion counts once. Shares come from samples: behind each is its 95 % interval (Wilson), which takes samples as independent. Lines with less than 0.1 % of their thread are left out.</p></footer>
</div>
</main>`;

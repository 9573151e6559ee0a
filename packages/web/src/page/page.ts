import { SKELETON } from '@austin-profiler/convert/page-parts';

/** The page before anything is known: the elements of the HTML format, and above them those of a recording that is being made. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>austin</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<section id="live" class="live" data-state="connecting" aria-label="The recording">
<p id="live-state" class="live-state" role="status">Connecting.</p>
<dl id="live-facts" class="live-facts"></dl>
<div class="controls">
<div class="buttons">
<button id="pause" type="button" aria-pressed="false">Pause</button>
<button id="forget" type="button">Start counting anew</button>
<button id="mark" type="button" hidden>Mark this moment</button>
<button id="stop" type="button" hidden>Stop recording</button>
<button id="restart" type="button" hidden>Record again</button>
</div>
<label>Format<select id="format"></select></label>
<div class="buttons">
<a id="download" class="button" href="download?format=mojo" download>Download</a>
<a id="speedscope" class="button" target="_blank" rel="noopener" href="speedscope/index.html">Open in speedscope</a>
</div>
</div>
<p id="live-answer" class="live-answer" role="alert" hidden></p>
<details id="record" hidden>
<summary>Record another process</summary>
<div class="controls">
<label>Measure<select id="mode"><option value="wall">Wall time</option><option value="cpu">CPU time</option><option value="memory">Memory</option><option value="full">All three</option></select></label>
<div class="buttons"><button id="look" type="button">Look again</button></div>
</div>
<ul id="processes" class="processes" aria-label="Python processes"></ul>
</details>
</section>
${SKELETON}
<section id="moments" hidden aria-labelledby="moments-title">
<div class="section-head"><h2 id="moments-title">What has changed between moments</h2><p id="moments-note" role="status"></p></div>
<table class="functions changes" aria-labelledby="moments-title" hidden>
<thead><tr><th scope="col">Name</th><th scope="col">Self before</th><th scope="col">Self after</th><th scope="col">Change</th></tr></thead>
<tbody id="changes"></tbody>
</table>
</section>
</body>
</html>
`;

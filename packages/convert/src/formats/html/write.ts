import type { Profile } from '@austin-profiler/profile';
import type { WriteOptions } from '../../format.js';
import { PAGE_SCRIPT, PAGE_SCRIPT_SHA256, PAGE_STYLE } from './generated/page.js';
import { toJsonPieces } from './json-pieces.js';
import { toPayload } from './model.js';
import { SKELETON } from './skeleton.js';

/** Nothing is fetched, and only our own script runs: whatever a profile holds, it stays text. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${PAGE_SCRIPT_SHA256}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Writes a profile as one HTML file with an interactive flame graph; it needs no network and no other file. */
export function* writeHtml(profile: Profile, options: WriteOptions): Iterable<string> {
  const payload = toPayload(profile, options);
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${escapeHtml(options.exporter ?? 'austin')}">
<title>${escapeHtml(payload.title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${SKELETON}
<script type="application/json" id="profile">`;
  yield* toJsonPieces(payload);
  yield `</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

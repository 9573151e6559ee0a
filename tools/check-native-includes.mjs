// Checks what the C++ sources include: napi.h only in the addon, headers of the operating system only where the list
// below says. The core then builds without Node, and another system means new files, not new branches.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(dirname(import.meta.dirname), process.argv[2] ?? 'packages/sampler/native/src');

/** Files and folders (ending in /) below src that may talk to the operating system. */
const mayIncludeSystem = [
  'addon/',
  'binary/',
  'memory/',
  'os/',
  'base/unique_fd.h',
  'os/',
  // The output, and the thread's own clock and priority.
  'sampler/output_pump.cc',
  'sampler/clock.cc',
  // Names that the C++ runtime takes apart; liblzma, where it is installed.
  'unwind/demangle.cc',
  'unwind/debug_files.cc',
];

// <cstdio> and the other headers of the standard library have neither a folder nor ".h".
const isNodeHeader = (header) => /^(napi|node_api|node|v8|uv|js_native_api)(-inl)?\.h$/.test(header);
const isSystemHeader = (header) => /[./]/.test(header) && !isNodeHeader(header);

const sources = readdirSync(root, { recursive: true }).filter((file) => /\.(h|cc)$/.test(file));
const problems = [];
let includes = 0;
for (const file of sources) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    const match = /^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")/.exec(line);
    if (!match) continue;
    includes++;
    const at = `${file}:${index + 1}`;
    const [, angled, quoted] = match;
    if (isNodeHeader(angled ?? quoted) && !file.startsWith('addon/')) {
      problems.push(`${at}: ${angled ?? quoted} outside of addon/`);
    }
    if (angled && isSystemHeader(angled) && !maySystem(file)) {
      problems.push(
        `${at}: ${angled}, a header of the operating system, outside of ${mayIncludeSystem.join(', ')}`,
      );
    }
    if (quoted?.startsWith('addon/') && !file.startsWith('addon/')) {
      problems.push(`${at}: the core includes ${quoted}`);
    }
  }
}
if (includes === 0) problems.push(`${root}: nothing was looked at`);

for (const problem of problems) console.error(problem);
console.log(
  `native includes: ${sources.length} files with ${includes} includes checked, ${problems.length} problems`,
);
if (problems.length > 0) process.exitCode = 1;

function maySystem(file) {
  return mayIncludeSystem.some((allowed) =>
    allowed.endsWith('/') ? file.startsWith(allowed) : file === allowed,
  );
}

import { basename } from 'node:path';

/** Options of `python` that take the next word as their value. */
const PYTHON_VALUE_OPTIONS = ['-W', '-X', '--check-hash-based-pycs'];

/**
 * What a recording of this command is called: `austin.wordcount` for `python3 -u wordcount.py input.txt`,
 * `austin.http.server` for `python3 -m http.server`.
 */
export function recordingName(command: readonly string[]): string {
  const program = basename(command[0] ?? '');
  const what = isPython(program) ? (pythonScript(command.slice(1)) ?? program) : program;
  return ['austin', safe(basename(what).replace(/\.pyw?$/, ''))].filter(Boolean).join('.');
}

function isPython(program: string): boolean {
  return /^(python|pypy)[\d.]*t?$/.test(program);
}

function pythonScript(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-')) return word;
    if (word === '-' || word === '-c') return undefined;
    if (word === '-m') return words[at + 1];
    if (word.startsWith('-m')) return word.slice(2);
    if (PYTHON_VALUE_OPTIONS.includes(word)) at++;
  }
  return undefined;
}

/** Only what needs no quotes in a shell, and not so long that it fails as a file name. */
function safe(name: string): string {
  return name
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80);
}

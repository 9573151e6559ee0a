/** Up to and with the folder that Python imports installed code from. */
const INSTALLED = /^.*[\\/](?:site-packages|dist-packages|lib(?:64)?[\\/]python\d[^\\/]*|Lib)[\\/]/;

/**
 * How Python would import each file: `flask.app` for `…/site-packages/flask/app.py`. Files outside of installed
 * code lose the folders that they all have in common.
 */
export function moduleNames(files: readonly string[]): string[] {
  const own = files.filter((file) => isPath(file) && !INSTALLED.test(file));
  const shared = commonFolder(own);
  return files.map((file) => {
    if (!isPath(file)) return file;
    const inside = INSTALLED.test(file) ? file.replace(INSTALLED, '') : file.slice(shared);
    if (!/\.pyw?$/.test(inside)) return inside.replace(/^.*[\\/]/, '');
    const parts = inside.replace(/\.pyw?$/, '').split(/[\\/]+/);
    if (parts.length > 1 && parts.at(-1) === '__init__') parts.pop();
    return parts.filter((part) => part !== '' && part !== '.').join('.') || file;
  });
}

function isPath(file: string): boolean {
  return file !== '' && !file.startsWith('<');
}

/** How many letters all files have in common, up to a folder's end. */
function commonFolder(files: readonly string[]): number {
  const first = files[0] ?? '';
  let length = first.length;
  for (const file of files) {
    while (!file.startsWith(first.slice(0, length))) length--;
  }
  return Math.max(first.lastIndexOf('/', length - 1), first.lastIndexOf('\\', length - 1)) + 1;
}

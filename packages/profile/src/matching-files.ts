/** A file, and the parts of its path, the innermost first. */
interface Path {
  readonly file: string;
  readonly parts: readonly string[];
}

/**
 * Tells which files of two profiles are the same although their folders have other names: a checkout that was renamed, another
 * virtual environment, another version of Python. Of the files that only one side has, two are the same if their paths end
 * alike: at least in the file's name, in more parts than with any other file of the other side, and that the other way round
 * too. Where several end equally much alike, none of them is taken.
 *
 * @returns for files of `after` that were called otherwise, what they were called in `before`
 */
export function matchFiles(before: ReadonlySet<string>, after: ReadonlySet<string>): Map<string, string> {
  const gone = byName(before, after);
  const matches = new Map<string, string>();
  for (const [name, come] of byName(after, before)) {
    const candidates = gone.get(name) ?? [];
    for (const path of come) {
      const best = mostAlike(path, candidates);
      if (best && mostAlike(best, come) === path) matches.set(path.file, best.file);
    }
  }
  return matches;
}

/** The files that the other side does not have, by their last part. */
function byName(files: ReadonlySet<string>, others: ReadonlySet<string>): Map<string, Path[]> {
  const found = new Map<string, Path[]>();
  for (const file of files) {
    // What is in angle brackets is no file.
    if (others.has(file) || file === '' || file.startsWith('<')) continue;
    const parts = file.split(/[\\/]/).reverse();
    const paths = found.get(parts[0]!);
    if (paths) paths.push({ file, parts });
    else found.set(parts[0]!, [{ file, parts }]);
  }
  return found;
}

/** The candidate that ends most like a path; undefined if there is none, or no single one. */
function mostAlike({ parts }: Path, candidates: readonly Path[]): Path | undefined {
  let best: Path | undefined;
  let most = 0;
  for (const candidate of candidates) {
    let alike = 0;
    while (alike < parts.length && parts[alike] === candidate.parts[alike]) alike++;
    if (alike > most) best = candidate;
    else if (alike === most) best = undefined;
    most = Math.max(most, alike);
  }
  return best;
}

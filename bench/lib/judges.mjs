/**
 * A judge says what is wrong with a stack ({name, file, line} of each frame, outermost first): undefined, 'stack' for
 * functions that cannot have called each other, 'line' for a frame at a line of another function, or a caller at a line
 * where it does not call. A stack that merely lacks inner frames could exist, and is not found.
 */

/** For the churn program, whose functions are named by their path; it tells itself on which lines they call. */
export function churnJudge(truth) {
  const nameOf = (code) => truth.codes[code].name;
  const callLines = new Map(truth.edges.map(([a, b, lines]) => [`${nameOf(a)} ${nameOf(b)}`, lines]));
  const ownLines = new Map(truth.codes.map(({ name, positions }) => [name, positions.map(([line]) => line)]));
  return (frames) => {
    const names = frames.map(({ name }) => name);
    if (!isChurnStack(names)) return 'stack';
    const isRight = frames.every(({ name, line }, depth) => {
      // Two functions of other files; and the module's own code is at the line of its last call.
      if (depth < 2 || name === 'running') return true;
      const next = names[depth + 1];
      return (next ? callLines.get(`${name} ${next}`) : ownLines.get(name))?.includes(line);
    });
    return isRight ? undefined : 'line';
  };
}

/** There is exactly one stack that ends in each function. */
export function isChurnStack(names) {
  const [module, caller, ...calls] = names;
  if (module !== '<module>') return false;
  if (caller === undefined) return true;
  if (caller !== 'work') return false;
  if (calls.length === 1 && calls[0] === 'running') return true;
  let expected = /^f_0$/;
  for (const name of calls) {
    if (!expected.test(name)) return false;
    expected = new RegExp(`^${name}_[01]$`);
  }
  return true;
}

/** What programs/exec_loop.py says of its lines. */
const FUNCTIONS = 6;
const LINES_OF_MODULE = 100;
const LINES_OF_FUNCTION = 10;
const LAST_LINE = 4;
const CALLING_LINE = 3;

/** For the exec loop: each function belongs to one module, file, caller and few lines. */
export function execLoopJudge() {
  return (frames) => {
    const names = frames.map(({ name }) => name);
    if (names[0] !== '<module>' || (names.length > 1 && names[1] !== 'work')) return 'stack';
    if (names.length === 3 && names[2] === 'running') return undefined;
    if (!frames.slice(0, 2).every(({ file }) => file.endsWith('exec_loop.py'))) return 'stack';
    const [module, ...calls] = frames.slice(2);
    if (!module) return undefined;
    const number = /^<mod_(\d+)>$/.exec(module.file)?.[1];
    if (module.name !== '<module>' || number === undefined) return 'stack';
    const belongs = calls.every(
      ({ name, file }, index) => name === `f_${number}_${index}` && file === module.file,
    );
    if (!belongs || calls.length > FUNCTIONS) return 'stack';
    const firstLine = (index) => LINES_OF_MODULE * (Number(number) + 1) + LINES_OF_FUNCTION * index;
    const isRight = calls.every(({ line }, index) => {
      const at = line - firstLine(index);
      return index + 1 < calls.length ? at === CALLING_LINE : at >= 0 && at <= LAST_LINE;
    });
    const calling = firstLine(FUNCTIONS);
    // It defines its functions one after the other, and then calls the first.
    const isModuleRight = calls.length > 0 ? module.line === calling : module.line <= calling;
    return isRight && isModuleRight ? undefined : 'line';
  };
}

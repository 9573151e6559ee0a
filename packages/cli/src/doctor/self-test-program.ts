const DEPTH = 7;

/**
 * A Python program that only calls and returns, the worst case for a sampler. Every function is named by the one path
 * that leads to it, `f_0_1` being called by `f_0` alone, so that a stack put together from different moments shows. It
 * prints `ready`, works until its standard input ends, and then prints what it had done when, about every 5 ms:
 * [[nanoseconds of the monotonic clock, nanoseconds of its CPU time, calls], ...].
 */
export const SELF_TEST_PROGRAM = `
import json, select, sys
from time import monotonic_ns, process_time_ns

def source(name, depth):
    if depth == ${DEPTH}:
        return "def %s(): pass\\n" % name
    children = [name + "_0", name + "_1"]
    return "def %s(): %s\\n" % (name, "; ".join(child + "()" for child in children)) + "".join(
        source(child, depth + 1) for child in children)

def work(top):
    notes, done, due = [], 0, 0
    while not select.select([0], [], [], 0)[0]:
        for _ in range(10):
            top()
        done += 10
        now = monotonic_ns()
        if now >= due:
            notes.append((now, process_time_ns(), done))
            due = now + 5000000
    return notes

names = {}
exec(compile(source("f_0", 1), "<self-test>", "exec"), names)
print("ready", flush=True)
print(json.dumps(work(names["f_0"])), flush=True)
`;

/**
 * Whether the program can have had this stack while it worked; outermost name first. A stack that merely lacks inner
 * frames could exist, and is not found.
 */
export function couldExist(names: readonly string[]): boolean {
  const [module, caller, ...calls] = names;
  if (module !== '<module>' || (caller !== undefined && caller !== 'work')) return false;
  return calls.every((name, depth) =>
    depth === 0
      ? name === 'f_0'
      : depth < DEPTH && (name === `${calls[depth - 1]}_0` || name === `${calls[depth - 1]}_1`),
  );
}

"""As many calls deep as the first argument says, in a thread with a stack large enough, going down and coming up again."""

import sys
import threading

DEPTH = int(sys.argv.pop(1))

import truth  # noqa: E402  takes the seconds to run from the arguments

finished = False


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def bottom():
    # Long enough for a stack of this depth to be read twice.
    for _ in range(100):
        spin(20000)  #> spin


def descend(depth):
    if depth == 1:
        return bottom()  #> bottom
    return descend(depth - 1)  #> descend


def deep():
    while not finished:
        descend(DEPTH)  #> descend


def work():
    while truth.running():  #> running
        thread.join(0.02)


if __name__ == "__main__":
    sys.setrecursionlimit(DEPTH + 1000)
    threading.stack_size(1 << 30)
    told = truth.program(strict=False)
    run = told.thread_root()
    told.limit(descend, DEPTH)
    thread = threading.Thread(target=deep, name="deep")
    thread.start()
    told.edge(run, deep)
    told.edge(work, None)
    told.thread(thread, deep)
    told.ready()
    work()  #> work
    finished = True
    thread.join()

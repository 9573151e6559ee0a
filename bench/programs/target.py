"""What the programs here share: each says when it is ready, and runs until its standard input ends. Options are given as
words: `python3 threads.py threads=10 seconds=5` ends by itself after five seconds."""

import json
import select
import sys
import time

_options = dict(word.split("=") for word in sys.argv[1:])
_deadline = None


def option(name, default):
    """A number from the command line."""
    return int(_options.get(name, default))


def text(name):
    return _options[name]


def ready():
    global _deadline
    if "seconds" in _options:
        _deadline = time.monotonic() + float(_options["seconds"])
    print("ready", flush=True)


def running():
    """Whether the program should go on. Calls no Python function."""
    if _deadline is not None:
        return time.monotonic() < _deadline
    return not select.select([0], [], [], 0)[0]


def finish(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(unit):
    """Works until the program is to end, calling `unit` with 0, 1, 2, ... Then prints [[nanoseconds, units, nanoseconds of CPU],
    ...]: on the monotonic clock, how much was done by then, and with how much CPU time; an entry about every 5 ms."""
    progress = []
    done = 0
    ready()
    next_note = time.monotonic_ns()
    while running():
        for _ in range(10):
            unit(done)
            done += 1
        now = time.monotonic_ns()
        if now >= next_note:
            progress.append((now, done, time.thread_time_ns()))
            next_note = now + 5_000_000
    finish(json.dumps(progress))

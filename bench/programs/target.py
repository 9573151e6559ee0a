"""What the programs here share: each says when it is ready, and runs until its standard input ends. Options are given as
words: `python3 threads.py threads=10 seconds=5` ends by itself after five seconds."""

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

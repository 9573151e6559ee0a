"""Python calls C, which calls Python, which calls C: in one thread, for ever. `folder=` names that of the extension. At
its end it prints what `work.py` prints."""

import json
import sys
from time import monotonic_ns, thread_time_ns

import target

sys.path.insert(0, target.text("folder"))
import native_work

STEPS = 20_000


def callback():
    native_work.burn(STEPS)


def unit():
    native_work.outer(callback)


def work(progress):
    done = 0
    next_note = monotonic_ns()
    while target.running():
        for _ in range(10):
            unit()
            done += 1
        now = monotonic_ns()
        if now >= next_note:
            progress.append((now, done, thread_time_ns()))
            next_note = now + 5_000_000
    return progress


target.ready()
target.finish(json.dumps(work([])))

"""With this folder on PYTHONPATH and AUSTIN_WITNESS naming a file, a Python program is watched by a thread of its own:
every distinct stack that the interpreter itself reports is written to that file at exit, as {"frames": [frame, ...],
"stacks": [{"tid": ..., "frames": [index, ...]}, ...]}. The watching thread holds the GIL for as long as it looks, so
these stacks are true, and what a program tells of itself can be held against them.
"""

import atexit
import json
import os
import sys
import threading
import time

MOST_STACKS = 500
# Another thread can ask for the GIL this long after the watcher got it: a look that took less was not interrupted.
SWITCH_INTERVAL = 0.003
LONGEST_LOOK = SWITCH_INTERVAL / 2


def watch(seen, own):
    while len(seen) < MOST_STACKS:
        time.sleep(0.0005)
        begin = time.perf_counter()
        stacks = look(own[0])
        if time.perf_counter() - begin < LONGEST_LOOK:
            for ident, stack in stacks:
                seen.setdefault((ident, tuple((id(code), at) for code, at, _ in stack)), stack)


def look(own):
    stacks = []
    for ident, frame in sys._current_frames().items():
        thread = threading._active.get(ident)
        if ident == own or thread is None:
            continue
        stack = []
        while frame is not None:
            stack.append((frame.f_code, frame.f_lasti, frame.f_lineno))
            frame = frame.f_back
        stacks.append((thread.native_id, stack))
    return stacks


def write(seen, path):
    import truth

    frames = []
    indexes = {}

    def index_of(code, instruction, line):
        key = (id(code), instruction)
        if key not in indexes:
            indexes[key] = len(frames)
            frames.append(truth.describe(code, instruction, line))
        return indexes[key]

    stacks = [
        {"tid": tid, "frames": [index_of(*entry) for entry in reversed(stack)]} for (tid, _), stack in list(seen.items())
    ]
    with open(path, "w") as file:
        json.dump({"frames": frames, "stacks": stacks}, file)


def main():
    path = os.environ.get("AUSTIN_WITNESS")
    if not path:
        return
    sys.setswitchinterval(SWITCH_INTERVAL)
    seen = {}
    own = [None]

    def run():
        own[0] = threading.get_ident()
        watch(seen, own)

    threading.Thread(target=run, name="witness", daemon=True).start()
    atexit.register(write, seen, path)


main()

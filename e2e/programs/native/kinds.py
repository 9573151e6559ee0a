"""Goes the ways of `path.py` as the second argument says, for ever. The extension is in the folder named first.

    threads         in four threads at once, each one way only, and named after it
    churn           in threads that live for two milliseconds
    tasks           in two tasks of asyncio, each one way only, and named after it
    collect         the first way in the garbage collector, the second outside of it
    grow            the first way in a thread that grows the memory; another one sleeps
    lock            the first way in a thread; another one sleeps
    interpreters    the second way in a sub-interpreter, the first in the main one
    fork            the first way, and from when its standard input has a line, the second in a child of it
    child PYTHON FOLDER  the first way, and `path.py` in a PYTHON whose extension is in FOLDER
    quit            in threads, of which the main one ends the process with status 3 before long
"""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time

FOLDER = sys.argv[1]
sys.path.insert(0, FOLDER)
import nativepath


SECONDS = 0.0001 if sys.argv[2] == "collect" else 0.001


def first_back():
    nativepath.first_spin(SECONDS)


def second_back():
    nativepath.second_spin(SECONDS)


def first_way():
    nativepath.first_call(first_back)


def second_way():
    nativepath.second_call(second_back)


kept = []
WAYS = {"first": first_way, "second": second_way}


def ready():
    print("ready", flush=True)


def for_ever(way):
    while True:
        way()


def start(name, target, *args):
    threading.Thread(target=target, args=args, name=name, daemon=True).start()


def threads():
    nativepath.let_go()
    for name, way in list(WAYS.items()) * 2:
        start(name, for_ever, way)
    ready()
    threading.Event().wait()


def brief(way):
    way()
    way()


def churn():
    nativepath.let_go()
    ready()
    while True:
        lives = [threading.Thread(target=brief, args=(way,), name=name) for name, way in WAYS.items()]
        for thread in lives:
            thread.start()
        for thread in lives:
            thread.join()


async def work(way):
    while True:
        way()
        await asyncio.sleep(0)


async def main():
    ready()
    await asyncio.gather(*(asyncio.create_task(work(way), name=name) for name, way in WAYS.items()))


def tasks():
    asyncio.run(main())


class Garbage:
    def __init__(self):
        self.itself = self

    def __del__(self):
        first_way()


def collect():
    gc.disable()
    gc.freeze()  # what is collected is what is made here
    ready()
    while True:
        Garbage()
        gc.collect()
        second_way()


def growing():
    while True:
        if len(kept) < 1000:
            kept.append(bytearray(b"x") * (1 << 18))
        first_way()


def grow():
    start("first", growing)
    ready()
    threading.Event().wait()


def lock():
    start("first", for_ever, first_way)
    ready()
    threading.Event().wait()


OTHER = """
import sys
sys.path.insert(0, %r)
import nativepath

def second_back():
    nativepath.second_spin(0.001)

def second_way():
    nativepath.second_call(second_back)

print("ready", flush=True)
while True:
    second_way()
"""


def interpreters():
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    # Before 3.12 they have one lock, and none asks the other for it.
    nativepath.let_go()
    # Where a thread makes it for another, versions up to 3.12 say that it runs in the one that has made it.
    start("second", lambda: interpreters.run_string(interpreters.create(), OTHER % FOLDER))
    for_ever(first_way)


def child_when_asked():
    sys.stdin.readline()
    if os.fork() == 0:
        for_ever(second_way)


def fork():
    start("forking", child_when_asked)
    ready()
    for_ever(first_way)


def child():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "path.py")
    # It says that it is ready, too.
    subprocess.Popen([sys.argv[3], path, sys.argv[4]])
    for_ever(first_way)


def quit():
    nativepath.let_go()
    for name, way in list(WAYS.items()) * 2:
        start(name, for_ever, way)
    time.sleep(0.1)
    os._exit(3)


globals()[sys.argv[2]]()

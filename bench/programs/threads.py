"""Threads that compute at `depth` calls of one function below their own outermost frames: five of them, 40 deep, unless
the options `threads` and `depth` say otherwise. With `waiting=1` all but the main thread wait for a lock instead."""

import threading

import target

THREADS = target.option("threads", 5)
DEPTH = target.option("depth", 40)
WAITING = target.option("waiting", 0)
stop = False
gate = threading.Lock()
# Each start waits for the new thread, and would wait for a turn of all that compute already.
begin = threading.Event()


def dive(depth, work):
    if depth > 1:
        return dive(depth - 1, work)
    return work()


def compute():
    begin.wait()
    total = 0
    while not stop:
        for i in range(10_000):
            total += i
        if threading.current_thread() is threading.main_thread() and not target.running():
            break
    return total


def wait():
    with gate:
        pass


gate.acquire()
workers = [
    threading.Thread(target=dive, args=(DEPTH - 1, wait if WAITING else compute)) for _ in range(THREADS - 1)
]
for worker in workers:
    worker.start()
begin.set()
target.ready()
dive(DEPTH - 1, compute)
stop = True
gate.release()
for worker in workers:
    worker.join()

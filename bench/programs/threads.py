"""Five threads, each computing at 40 calls of one function below its own outermost frames."""

import threading

import target

DEPTH = 40
THREADS = 5
stop = False


def dive(depth):
    if depth > 1:
        return dive(depth - 1)
    total = 0
    while not stop:
        for i in range(10_000):
            total += i
        if threading.current_thread() is threading.main_thread() and not target.running():
            break
    return total


workers = [threading.Thread(target=dive, args=(DEPTH,)) for _ in range(THREADS - 1)]
for worker in workers:
    worker.start()
target.ready()
dive(DEPTH)
stop = True
for worker in workers:
    worker.join()

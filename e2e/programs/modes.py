"""Threads that each do one thing until the standard input is closed: wait without waking once, compute,
grow the memory, run the garbage collector.

    modes.py asleep burn

The first line says which thread does what; the last one how it really was: processor time of each thread, bytes
allocated, and the share of its time that the collecting thread spent in the collector.
"""

import gc
import json
import sys
import threading
import time

MEBIBYTE = 1 << 20
finished = False
end = threading.Event()
begun = threading.Barrier(len(sys.argv))
threads = {}
processor_time = {}
truth = {"allocated": 0, "collecting": 0.0}
kept = []


def asleep():
    end.wait()


def spin():
    total = 0
    for i in range(1000):
        total += i
    return total


def burn():
    while not finished:
        spin()


def grow():
    kept.append(bytearray(b"x") * MEBIBYTE)
    truth["allocated"] += MEBIBYTE


def allocate():
    while not finished and len(kept) < 200:
        grow()
        time.sleep(0.005)
    end.wait()


def run_collector():
    gc.collect()


def collect():
    gc.disable()
    garbage = [[i] for i in range(30000)]
    inside = 0.0
    start = time.perf_counter()
    while not finished:
        before = time.perf_counter()
        run_collector()
        inside += time.perf_counter() - before
        time.sleep(0.002)
    truth["collecting"] = inside / (time.perf_counter() - start)
    del garbage


def run(work):
    threads[work.__name__] = threading.get_native_id()
    begun.wait()
    work()
    processor_time[work.__name__] = time.thread_time()


workers = [threading.Thread(target=run, args=(globals()[name],)) for name in sys.argv[1:]]
for worker in workers:
    worker.start()
begun.wait()
print(json.dumps(threads), flush=True)
sys.stdin.read()
finished = True
end.set()
for worker in workers:
    worker.join()
print(json.dumps({"processorTime": processor_time, **truth}), flush=True)

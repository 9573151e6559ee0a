"""Five hundred threads, three of which compute in turns while all others wait for one of two locks, at known depths."""

import sys
import threading
import time

import truth

THREADS = 500
finished = False
started = []
lock = threading.Lock()


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def computing():
    started.append(1)
    while not finished:
        spin(2000)  #> spin


def waiting(depth):
    if depth > 0:
        return waiting(depth - 1)  #> waiting
    started.append(1)
    with lock:
        pass


def work():
    while truth.running():  #> running
        spin(2000)  #> spin


if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    sys.setswitchinterval(0.001)
    told = truth.program()
    run = told.thread_root()
    told.limit(waiting, 20)
    told.thread(threading.main_thread(), work)
    lock.acquire()
    threads = []
    for number in range(1, THREADS):
        # Those that compute come last, as they hold up the start of others.
        target, args = (waiting, (number % 20,)) if number < THREADS - 2 else (computing, ())
        thread = threading.Thread(target=target, args=args, name="thread %d" % number)
        thread.start()
        threads.append(thread)
        told.edge(run, target)
        told.thread(thread, target)
    while len(started) < len(threads):
        time.sleep(0.001)
    told.ready()
    work()  #> work
    finished = True
    lock.release()
    for thread in threads:
        thread.join()

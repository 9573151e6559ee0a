"""Five hundred threads, three of which compute in turns while all others wait for one of two locks, at known depths."""

import sys
import threading

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
    told.limit(waiting, 20)
    told.thread(threading.main_thread(), work)
    lock.acquire()
    wanted = [("thread %d" % number, waiting, (number % 20,)) for number in range(1, THREADS - 2)]
    # Those that compute come last, as they hold up the start of others.
    wanted += [("thread %d" % number, computing, ()) for number in (THREADS - 2, THREADS - 1)]
    threads = told.start_threads(wanted, started)
    told.ready()
    work()  #> work
    finished = True
    lock.release()
    for thread in threads:
        thread.join()

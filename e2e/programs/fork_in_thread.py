"""A thread that forks, while others run. The child goes on in it, alone, and does the work that the truth is about."""

import os
import threading
import time

import truth

finished = False


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def other():
    while not finished:
        spin(2000)


def work():
    while truth.running():  #> running
        spin(2000)  #> spin


def in_child():
    told.ready()
    work()  #> work
    os._exit(0)


def forking():
    pid = os.fork()
    if pid == 0:
        in_child()  #> in_child
    os.waitpid(pid, 0)


if __name__ == "__main__":
    told = truth.program(strict=False)
    told.edge(told.thread_root(), forking)
    told.edge(in_child, None)
    others = [threading.Thread(target=other) for _ in range(3)]
    for thread in others:
        thread.start()
    time.sleep(0.05)
    forker = threading.Thread(target=forking)
    forker.start()
    forker.join()
    finished = True
    for thread in others:
        thread.join()

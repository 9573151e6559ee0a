"""A process that was forked as servers with Python inside do it: without telling the interpreter. The child does the work that the truth
is about."""

import ctypes
import os

import truth


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def work():
    while truth.running():  #> running
        spin(2000)  #> spin


if __name__ == "__main__":
    told = truth.program(strict=False)
    pid = ctypes.PyDLL(None).fork()
    if pid == 0:
        told.ready()
        work()  #> work
        os._exit(0)
    os.waitpid(pid, 0)

"""Sub-interpreters that compute, each in a thread of its own: one at first, and one more for each line of standard input. The function a
sub-interpreter is in bears its number: `compute_1`, called by `turn_1`. Ends with its standard input."""

import os
import sys
import threading

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

SOURCE = """
from time import sleep

def compute_%(n)d(count):
    total = 0
    for i in range(count):
        total += i
    return total

def turn_%(n)d():
    while True:
        compute_%(n)d(20000)
        # From 3.9 to 3.11 a sub-interpreter is not asked to share the GIL with another.
        sleep(0.0005)

print("%(n)d", flush=True)
turn_%(n)d()
"""


def host(number):
    interpreters.run_string(interpreters.create(), SOURCE % {"n": number})


def start(number):
    threading.Thread(target=host, args=(number,), daemon=True).start()


def wait():
    number = 1
    start(number)
    while os.read(0, 1):
        number += 1
        start(number)


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    wait()
    os._exit(0)

"""Creates an interpreter when a line comes in, and computes in it, in a thread, until the file named by the argument is
there."""

import os
import sys
import threading

try:
    import _interpreters as interpreters  # 3.13 and later
except ImportError:
    import _xxsubinterpreters as interpreters

INSIDE = """
import os

def spin():
    total = 0
    for i in range(10000):
        total += i
    return total

def inside():
    os.write(1, b"inside\\n")
    while not os.path.exists(%r):
        spin()

inside()
"""

os.write(1, b"ready\n")
sys.stdin.readline()
interpreter = interpreters.create()
worker = threading.Thread(target=interpreters.run_string, args=(interpreter, INSIDE % sys.argv[1]))
worker.start()
worker.join()

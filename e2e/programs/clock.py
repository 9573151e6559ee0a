"""Runs functions that are named after the time, and tells the time in a file.

`at_123456` began at 123.456 s of the monotonic clock and runs for some milliseconds. The file, whose path is the first
argument, holds two numbers of twelve digits: the last time that was told, and the longest time between two tellings so far,
which is what this machine makes an ordinary process wait. Both in milliseconds.
"""

import os
import sys
import time

TICK = 0.004

SOURCE = """
def at_{ms}(end):
    while now() < end:
        pass
"""


def milliseconds():
    return int(time.monotonic() * 1000)


def main(path):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    last = milliseconds()
    longest = 0
    while True:
        ms = milliseconds()
        longest = max(longest, ms - last)
        last = ms
        os.pwrite(fd, b"%012d %012d\n" % (ms, longest), 0)
        names = {"now": time.monotonic}
        exec(SOURCE.format(ms=ms), names)
        names["at_%d" % ms](time.monotonic() + TICK)


main(sys.argv[1])

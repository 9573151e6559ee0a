# Python that is mostly in C: callbacks out of sorted() and qsort(), compression, hashes, JSON, expressions, generators,
# signal handlers, destructors, threads.
import ctypes
import functools
import hashlib
import json
import math
import re
import signal
import sys
import threading
import zlib

DATA = bytes(range(256)) * 200
COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
LIBC = ctypes.CDLL(None)


class Loud:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return math.sin(self.value) < math.sin(other.value)

    def __del__(self):
        math.gamma(3.5)

    def __getattr__(self, name):
        return name


def compare(a, b):
    return a[0] - b[0]


def numbers(count):
    for i in range(1, count):
        yield functools.reduce(lambda x, y: x + y % 7, range(i))


def work():
    while True:
        zlib.compress(DATA, 6)
        hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 200)
        json.loads(json.dumps({'a': list(range(200)), 'b': ['text'] * 50}, indent=1))
        sorted([Loud(i) for i in range(60)])
        array = (ctypes.c_int * 50)(*(i * 7919 % 50 for i in range(50)))
        LIBC.qsort(array, 50, ctypes.sizeof(ctypes.c_int), COMPARE(compare))
        sum(numbers(40))
        re.sub(r'(\w+) (\w+)', lambda m: m.group(2) + m.group(1), 'some words ' * 50)
        max(range(50), key=lambda x: getattr(Loud(x), 'size' + str(x)))


def on_signal(number, frame):
    sorted(range(20), key=lambda x: -x)


signal.signal(signal.SIGALRM, on_signal)
signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
print('ready', flush=True)
sys.setrecursionlimit(5000)
work()

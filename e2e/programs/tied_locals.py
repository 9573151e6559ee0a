"""Calls two functions over and over whose variables all follow from one number, so that values of two calls can be told apart."""
import sys


def inner(n, tag):
    m = n
    pair = (n, tag)
    for _ in range(SPIN):
        pass
    return m


def outer(n):
    text = str(n)
    both = [n, text]
    inner(n, text)
    return both


SPIN = int(sys.argv[1])
print('go', flush=True)
n = 10**6
while True:
    n += 1
    outer(n)

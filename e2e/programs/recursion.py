"""One thousand calls deep, going down and coming up again, and two functions that call each other."""

import sys

import truth

DEPTH = 1000


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def bottom():
    return spin(20000)  #> spin


def descend(depth):
    if depth == 1:
        return bottom()  #> bottom
    return descend(depth - 1) + 1  #> descend


def even(n):
    return True if n == 0 else odd(n - 1)  #> odd


def odd(n):
    return False if n == 0 else even(n - 1)  #> even


def work():
    while truth.running():  #> running
        descend(DEPTH)  #> descend
        even(600)  #> even


if __name__ == "__main__":
    sys.setrecursionlimit(5000)
    told = truth.program()
    told.limit(descend, DEPTH)
    told.limit(even, 301)
    told.limit(odd, 300)
    told.ready()
    work()  #> work

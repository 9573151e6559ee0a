"""One busy thread, four frames deep."""

import target


def inner(n):
    total = 0
    for i in range(n):
        total += i
    return total


def middle():
    return inner(50_000)


def outer():
    while target.running():
        middle()


target.ready()
outer()

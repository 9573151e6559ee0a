"""Spends its time in NumPy, in one function of Python for each of its own."""
import numpy

VALUES = numpy.random.default_rng(1).random(200_000)
MATRIX = VALUES[:90_000].reshape(300, 300)


def order():
    VALUES.copy().sort()


def multiply():
    return MATRIX @ MATRIX


def add():
    return numpy.add.reduce(numpy.sin(VALUES))


print("ready", flush=True)
while True:
    order()
    multiply()
    add()

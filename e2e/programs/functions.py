"""Calls of every ordinary kind: functions, methods, closures, generators, and Python called back from C."""

import functools
import re

import truth

PATTERN = re.compile("[aeiou]")


def spin(n):
    total = 0
    for i in range(n * 300):
        total += i * i
    return total


def vowel(match):
    spin(20)  #> spin
    return match.group().upper()


def add(a, b):
    return a + b + spin(5) % 2  #> spin


def weigh(value):
    return spin(value % 7) - value  #> spin


def numbers(n):
    for i in range(n):
        yield spin(i)  #> spin


def delegating(n):
    yield from numbers(n)  #> numbers
    yield spin(n)  #> spin


def decorate(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)  #> decorated

    return wrapper


@decorate
def decorated(n):
    return spin(n)  #> spin


class Shape:
    def __init__(self, side):
        self.side = side
        spin(3)  #> spin

    def area(self):
        return self.scaled(self.side)  #> Shape.scaled

    def scaled(self, factor):
        return factor * spin(4)  #> spin

    @property
    def colour(self):
        return spin(6)  #> spin

    @staticmethod
    def unit():
        return Shape(1)  #> Shape.__init__

    @classmethod
    def named(cls, name):
        return cls(len(name))  #> Shape.__init__

    def __add__(self, other):
        return spin(self.side + other.side)  #> spin

    def __call__(self):
        return spin(8)  #> spin

    def __enter__(self):
        spin(2)  #> spin
        return self

    def __exit__(self, *reason):
        spin(2)  #> spin

    def __getattr__(self, name):
        return spin(len(name))  #> spin


class Square(Shape):
    def area(self):
        return super().area() + spin(2)  #> Shape.area, spin


def class_body():
    class Temporary:
        width = spin(5)  #> spin
        height = [spin(n) for n in (1, 2)]  #> <listcomp> > spin

    return Temporary


def objects():
    # Before 3.10 __exit__ is called on the last line of the with.
    shape = Shape(3)  #> Shape.__init__
    square = Square(2)  #> Shape.__init__
    shape.area()  #> Shape.area
    square.area()  #> Square.area
    Shape.unit()  #> Shape.unit
    Shape.named("four")  #> Shape.named
    shape()  #> Shape.__call__
    shape + square  #> Shape.__add__
    with shape as same:  #> Shape.__enter__, Shape.__exit__
        same.colour  #> Shape.colour, Shape.__exit__
    return shape.missing  #> Shape.__getattr__


def callbacks():
    values = list(range(12))
    values.sort(key=weigh)  #> weigh
    sorted(values, key=lambda value: weigh(value))  #> <lambda> > weigh
    PATTERN.sub(vowel, "a stack of frames")  #> vowel
    functools.reduce(add, values)  #> add
    list(map(weigh, values))  #> weigh
    return max(values, key=weigh)  #> weigh


def iteration():
    for value in delegating(6):  #> delegating
        spin(value % 5)  #> spin
    sum(spin(n) for n in range(4))  #> <genexpr> > spin
    squares = [spin(n) for n in range(4)]  #> <listcomp> > spin
    table = {n: spin(n) for n in range(4)}  #> <dictcomp> > spin
    return squares, table, {spin(n) for n in range(3)}  #> <setcomp> > spin


def closure():
    base = spin(4)  #> spin

    def inner(n):
        def innermost():
            return base + spin(n)  #> spin

        return innermost()  #> innermost

    return inner(5)  #> inner


def work():
    while truth.running():  #> running
        objects()  #> objects
        callbacks()  #> callbacks
        iteration()  #> iteration
        closure()  #> closure
        decorated(9)  #> wrapper
        class_body()  #> class_body


def main():
    work()  #> work


if __name__ == "__main__":
    told = truth.program()
    # Not a comment on `class Temporary`: the class body has that line, too.
    told.edge(class_body, told.named("Temporary")[0])
    told.ready()
    main()  #> main

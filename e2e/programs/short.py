"""A program that is over in a tenth of a second."""

import time

import truth


def brief(until):
    while time.monotonic() < until:
        pass


if __name__ == "__main__":
    told = truth.program()
    told.ready()
    brief(time.monotonic() + 0.1)  #> brief

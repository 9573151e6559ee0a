"""A program that is over in a tenth of a second: of processor time, for on a busy machine a sampler waits for it too."""

import time

import truth


def brief(until):
    while time.process_time() < until:
        pass


if __name__ == "__main__":
    told = truth.program()
    told.ready()
    brief(time.process_time() + 0.1)  #> brief

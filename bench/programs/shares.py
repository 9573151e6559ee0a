"""Three functions that compute for 70, 20 and 10 % of the time by the program's own clock. At its end it prints
{"shares": {name: share of all the time since it was ready}}."""

import json
import random
from time import perf_counter

import target


def seventy(until):
    while perf_counter() < until:
        pass


def twenty(until):
    while perf_counter() < until:
        pass


def ten(until):
    while perf_counter() < until:
        pass


PARTS = [(seventy, 0.7), (twenty, 0.2), (ten, 0.1)]


def work(seconds):
    # Turns of changing length: turns of one length could run in step with a sampler.
    uniform = random.Random(20).uniform
    while target.running():
        turn = uniform(0.004, 0.012)
        for function, share in PARTS:
            begin = perf_counter()
            function(begin + turn * share)
            seconds[function.__name__] += perf_counter() - begin


spent = {function.__name__: 0.0 for function, _ in PARTS}
target.ready()
start = perf_counter()
work(spent)
total = perf_counter() - start
target.finish(json.dumps({"shares": {name: seconds / total for name, seconds in spent.items()}}))

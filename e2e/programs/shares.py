"""Three functions that compute for 70, 20 and 10 % of the time, by the program's own clock. The last line printed tells
what they really had: {"seconds": {name: seconds}, "shares": {name: share of the three}, "total": seconds since the truth
was told}."""

import json
import random
from time import perf_counter

import truth


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


UNIFORM = random.Random(20).uniform


def work(seconds):
    # Turns of changing length: turns of one length could run in step with a sampler.
    while truth.running():  #> running
        turn = UNIFORM(0.004, 0.012)
        for function, share in PARTS:
            begin = perf_counter()
            function(begin + turn * share)  #> seventy, twenty, ten
            seconds[function.__name__] += perf_counter() - begin


if __name__ == "__main__":
    told = truth.program()
    told.add(random.Random.uniform, "uniform")
    told.edge(work, random.Random.uniform)
    told.ready()
    spent = {"seventy": 0.0, "twenty": 0.0, "ten": 0.0}
    begin = perf_counter()
    work(spent)  #> work
    total = perf_counter() - begin
    busy = sum(spent.values())
    print(json.dumps({"seconds": spent, "shares": {name: s / busy for name, s in spent.items()}, "total": total}))

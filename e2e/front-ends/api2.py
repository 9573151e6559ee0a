"""Runs Austin through one class of austin-python 2.

    api2.py CLASS STOP_AFTER ARGUMENT...

STOP_AFTER is a number of samples after which it is terminated, or 0. It is not terminated before its program has written its
pid to the file `pid`: on a busy machine a hundred samples may be of a Python that is still starting.
"""

import asyncio
import json
import os
import sys

from austin.aio import AsyncAustin
from austin.simple import SimpleAustin
from austin.threads import ThreadedAustin


class Seen:
    def __init__(self, stop_after):
        self.stop_after = stop_after
        self.samples = 0
        self.is_ended = False
        self.functions = set()
        self.keys = []
        self.ends = 0
        self.time = 0

    def sample(self, austin, sample):
        self.samples += 1
        self.time += sample.metrics.time or 0
        self.functions.update(frame.function for frame in sample.frames or [])
        has_pid = os.path.exists('pid') and os.path.getsize('pid') > 0
        if 0 < self.stop_after <= self.samples and not self.is_ended and has_pid:
            self.is_ended = True
            austin.terminate()

    def report(self, austin, code):
        return {
            'samples': self.samples,
            'time': self.time,
            'functions': sorted(self.functions),
            'keys': self.keys,
            'ends': self.ends,
            'code': code,
            'version': austin.version,
            'python': austin.python_version,
        }


def blocking(base):
    class Austin(base):
        def on_sample(self, sample):
            seen.sample(self, sample)

        def on_metadata(self, metadata):
            seen.keys.append(metadata.name)

        def on_terminate(self):
            seen.ends += 1

    austin = Austin()
    austin.start(arguments)
    return seen.report(austin, austin.wait())


async def asynchronous():
    class Austin(AsyncAustin):
        async def on_sample(self, sample):
            seen.sample(self, sample)

        async def on_metadata(self, metadata):
            seen.keys.append(metadata.name)

        async def on_terminate(self):
            seen.ends += 1

    austin = Austin()
    await austin.start(arguments)
    return seen.report(austin, await austin.wait())


name, stop_after, *arguments = sys.argv[1:]
seen = Seen(int(stop_after))
if name == 'AsyncAustin':
    print(json.dumps(asyncio.run(asynchronous())))
else:
    print(json.dumps(blocking({'SimpleAustin': SimpleAustin, 'ThreadedAustin': ThreadedAustin}[name])))

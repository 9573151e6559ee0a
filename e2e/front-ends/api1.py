"""Runs Austin through one class of austin-python 1.

    api1.py CLASS STOP_AFTER ARGUMENT...

STOP_AFTER is a number of samples after which it is terminated, or 0. It is not terminated before its program has written its
pid to the file `pid`: on a busy machine a hundred samples may be of a Python that is still starting.
"""

import asyncio
import json
import os
import sys

from austin import AustinTerminated
from austin.aio import AsyncAustin
from austin.simple import SimpleAustin
from austin.stats import InvalidSample, MetricType, Sample
from austin.threads import ThreadedAustin


def has_pid():
    return os.path.exists('pid') and os.path.getsize('pid') > 0


class Recorder:
    samples = 0
    parsed = 0
    ends = False
    ready = None
    footer = None

    def on_ready(self, process, child_process, command_line, data=None):
        self.ready = {'austin': process.pid, 'child': child_process.pid, 'command': command_line}

    def on_sample_received(self, line):
        self.samples += 1
        try:
            for sample in Sample.parse(line, MetricType.TIME):
                functions.update(frame.function for frame in sample.frames)
            self.parsed += 1
        except InvalidSample:
            pass  # stacks that are marked as invalid have no meaning in this version
        if 0 < stop_after <= self.samples and not self.ends and has_pid():
            self.ends = True
            self.terminate()

    def on_terminate(self, footer):
        self.footer = footer


class Simple(Recorder, SimpleAustin):
    pass


class Threaded(Recorder, ThreadedAustin):
    pass


class Asynchronous(Recorder, AsyncAustin):
    pass


name, stop_after, *arguments = sys.argv[1:]
stop_after = int(stop_after)
functions = set()
terminated = False
austin = {'SimpleAustin': Simple, 'ThreadedAustin': Threaded, 'AsyncAustin': Asynchronous}[name]()
try:
    if name == 'AsyncAustin':
        asyncio.run(austin.start(arguments))
    else:
        austin.start(arguments)
    if name == 'ThreadedAustin':
        austin.join()
except AustinTerminated:
    terminated = True

print(json.dumps({
    'samples': austin.samples,
    'parsed': austin.parsed,
    'functions': sorted(functions),
    'ready': austin.ready,
    'footer': austin.footer,
    'terminated': terminated,
    'version': austin.version,
    'python': austin.python_version,
}))

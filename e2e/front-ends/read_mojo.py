"""Prints what the reader of austin-python says of each file: a line of JSON with its error, if any, and its samples."""

import json
import sys

from austin.events import AustinSample
from austin.format.mojo import MojoStreamReader


def frame(it):
    return [it.filename, it.function, it.line, it.line_end or 0, it.column or 0, it.column_end or 0]


for path in sys.argv[1:]:
    samples = []
    error = None
    try:
        with open(path, "rb") as stream:
            for event in MojoStreamReader(stream):
                if isinstance(event, AustinSample):
                    frames = [frame(it) for it in event.frames or ()]
                    weights = [event.metrics.time, event.metrics.memory]
                    # Beyond 2^53 numbers of JSON are not exact.
                    iid = None if event.iid is None else str(event.iid)
                    marks = [bool(event.gc), bool(event.idle)]
                    samples.append([event.pid, iid, event.thread, frames, *weights, *marks])
    except Exception as reason:
        error = f"{type(reason).__name__}: {reason}"
    print(json.dumps({"error": error, "samples": samples}))

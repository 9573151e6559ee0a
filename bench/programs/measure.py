"""Runs a command and prints what it cost: {"status", "wall", "cpu", "peakBytes"}; its own output goes to stderr.

Node tells the resource usage of itself only, /usr/bin/time is not everywhere; a Python is.
"""

import json
import resource
import subprocess
import sys
import time

begin = time.monotonic()
status = subprocess.call(sys.argv[1:], stdout=sys.stderr)
wall = time.monotonic() - begin
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(
    json.dumps(
        {
            "status": status,
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * unit,
        }
    )
)

"""Runs a command and prints what it cost: {"status", "wall", "cpu", "peakBytes"}; its own output goes to stderr.

Node tells the resource usage of itself only, /usr/bin/time is not everywhere; a Python is.
"""

import json
import os
import subprocess
import sys
import time

begin = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
# Of this child alone: what went before in this process, such as a script that looked for the Python, has children too.
_, code, usage = os.wait4(process.pid, 0)
process.returncode = os.WEXITSTATUS(code) if os.WIFEXITED(code) else -os.WTERMSIG(code)
wall = time.monotonic() - begin
unit = 1 if sys.platform == "darwin" else 1024
print(
    json.dumps(
        {
            "status": process.returncode,
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peakBytes": usage.ru_maxrss * unit,
        }
    )
)

"""Runs a program in a terminal of its own and presses keys when it shows what they wait for.

    in_terminal.py STEPS PROGRAM ARGUMENT...

STEPS is a list in JSON of [text to wait for, keys to press]. Text is compared without the spaces that drawing adds.
"""

import fcntl
import json
import os
import pty
import re
import struct
import sys
import termios

ESCAPES = re.compile(rb'\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78]|[\x00-\x20]')

steps = [(text.replace(' ', ''), keys) for text, keys in json.loads(sys.argv[1])]
pid, fd = pty.fork()
if pid == 0:
    os.environ['TERM'] = 'xterm-256color'
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 160, 0, 0))

raw = b''
shown = ''
met = []
try:
    while True:
        raw += os.read(fd, 65536)
        shown = ESCAPES.sub(b'', raw).decode(errors='replace')
        while steps and steps[0][0] in shown:
            text, keys = steps.pop(0)
            met.append(text)
            os.write(fd, keys.encode())
except OSError:
    pass  # the program has ended

status = os.waitpid(pid, 0)[1]
print(json.dumps({'code': os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
                  'met': met, 'shown': shown[-2000:]}))

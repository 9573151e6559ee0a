"""What the stacks of a test program can be, told by the program itself.

A program describes its code objects, which of them may call which others and at which of their lines, and prints that
as one line of JSON (`Truth.ready`) before its work begins. The tests hold every sampled stack against it: see
../truth.ts, where the fields are described.

Calls are declared where they are made, in a comment at the end of the line:

    total = outer(3)  #> outer                       this line calls outer
    names.sort(key=lambda n: weigh(n))  #> <lambda> > weigh      ... the lambda, which on this line calls weigh
    a(), b()  #> a, b

A comprehension that this Python inlines (3.12 and later) is left out of its chain.

Every program takes the seconds to run as its first argument; without it, it runs until its standard input ends.
"""

import dis
import json
import os
import re
import select
import sys
import threading
import time

INLINED = {"<listcomp>", "<dictcomp>", "<setcomp>"}
OPTIMIZED = 0x1  # CO_OPTIMIZED: the code of a function, not of a class body or a module
HAS_COLUMNS = sys.version_info >= (3, 11)
CALLS = "#>"
MARKER = re.compile(CALLS + " (.*)$")

_deadline = None


def start_clock():
    """Begins the time that `running` measures."""
    global _deadline
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else None
    _deadline = None if seconds is None else time.monotonic() + seconds


def running():
    """Whether the program should go on. Calls no Python function."""
    if _deadline is not None:
        return time.monotonic() < _deadline
    return not select.select([0], [], [], 0)[0]


def code_name(code):
    """The name a profiler shows: qualified from 3.11 on, plain before."""
    return getattr(code, "co_qualname", code.co_name)


def position(line, line_end, column, column_end):
    """Columns become bytes counted from 1, with 0 for unknown."""
    if column is None or column_end is None:
        return [line, line if line_end is None else line_end, 0, 0]
    return [line, line_end, column + 1, column_end + 1]


def positions(code):
    """Every position an instruction of `code` can be at: [line, lineEnd, column, columnEnd]."""
    first = code.co_firstlineno
    found = {(first, first, 0, 0)}  # a frame that has not begun
    if HAS_COLUMNS:
        last = position(first, None, None, None)
        for line, line_end, column, column_end in code.co_positions():
            if line is None:
                # No line of its own: shown at the nearest one before it, with or without its columns.
                found.add((last[0], last[0], 0, 0))
            else:
                last = position(line, line_end, column, column_end)
            found.add(tuple(last))
    else:
        if hasattr(code, "co_lines"):
            lines = {line for _, _, line in code.co_lines() if line is not None}
        else:
            lines = {line for _, line in dis.findlinestarts(code)}
        found.update((line, line, 0, 0) for line in lines)
    return sorted(list(p) for p in found)


def describe(code, instruction, line):
    """The frame of `code` at the instruction with this offset, which is on this line."""
    at = [line, 0, 0, 0]
    if HAS_COLUMNS and instruction >= 0:
        entry = list(code.co_positions())[instruction // 2]
        if entry[0] is not None:
            at = position(*entry)
    line, line_end, column, column_end = at
    return {
        "name": code_name(code),
        "file": code.co_filename,
        "line": line,
        "lineEnd": line_end,
        "column": column,
        "columnEnd": column_end,
    }


def frames_of(frame):
    """The stack that ends in `frame`, outermost first."""
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames[::-1]


class Truth:
    def __init__(self, strict=True):
        # With strict, no frame may be in a stack that is not described; without, those of other files may.
        self.strict = strict
        self.codes = []
        self.paths = []  # per code: its dotted name within its module
        self.ids = {}
        self.roots = []
        self.edges = {}  # (caller, callee): set of the caller's lines, or None for any
        self.limits = {}
        self.threads = []
        self.files = []

    def add(self, code, path=None):
        """Describes one code object, or the one of a function. Returns its index."""
        code = getattr(code, "__code__", code)
        # By identity: code objects that merely look alike are equal.
        if id(code) not in self.ids:
            self.ids[id(code)] = len(self.codes)
            self.codes.append(code)
            self.paths.append(path or code.co_name)
        return self.ids[id(code)]

    def add_module(self, code, source=None, root=False):
        """Describes the code of a module and everything in it, with the calls its comments declare."""
        first = len(self.codes)
        parents = {}  # per code: the one it is nested in
        self._add_nested(code, None, "", parents)
        lines = {i: {p[0] for p in positions(self.codes[i])} for i in range(first, len(self.codes))}
        self.files.append(code.co_filename)
        if root:
            self.roots.append(first)
        if source is None:
            with open(code.co_filename, encoding="utf-8") as file:
                source = file.read()
        for number, line in enumerate(source.split("\n"), 1):
            match = MARKER.search(line)
            if match:
                self._declare(number, match.group(1), lines, parents)
        return first

    def _add_nested(self, code, parent, prefix, parents):
        index = self.add(code, prefix + code.co_name)
        parents[index] = parent
        if code.co_name == "<module>":
            prefix = ""
        else:
            prefix += code.co_name + (".<locals>." if code.co_flags & OPTIMIZED else ".")
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                self._add_nested(constant, index, prefix, parents)

    def _declare(self, line, text, lines_of, parents):
        # Both a function and a lambda inside it can have the line: the outermost is the one that calls.
        having = [i for i, own in lines_of.items() if line in own]
        callers = [i for i in having if parents[i] not in having]
        if len(callers) != 1:
            raise ValueError("line %d has %d possible callers" % (line, len(callers)))
        for chain in text.split(","):
            caller, lines = callers, {line}
            for name in re.split(r"\s+>\s+", chain.strip()):
                callees = self.named(name)
                if name.startswith("<"):
                    callees = [i for i in callees if i in having]
                if not callees:
                    if name in INLINED:
                        continue
                    raise ValueError("line %d calls %s, which is not described" % (line, name))
                for a in caller:
                    for b in callees:
                        self.edge(a, b, lines)
                caller, lines = callees, ({line} if name.startswith("<") else None)

    def named(self, name):
        """Indexes of the codes with this dotted name, or one that ends in it."""
        return [i for i, path in enumerate(self.paths) if path == name or path.endswith("." + name)]

    def edge(self, caller, callee, lines=None):
        """Allows a call. None for caller or callee is any frame of a file that is not described."""
        key = tuple(-1 if side is None else side if isinstance(side, int) else self.add(side) for side in (caller, callee))
        if lines is None or self.edges.get(key, ()) is None:
            self.edges[key] = None
        else:
            self.edges.setdefault(key, set()).update(lines)

    def chain(self, *codes):
        """Allows each code to call the next."""
        for caller, callee in zip(codes, codes[1:]):
            self.edge(caller, callee)

    def root(self, code):
        """Allows a code as the outermost frame."""
        self.roots.append(self.add(code))

    def thread_root(self):
        """Describes the frames at the bottom of each thread of `threading`. Returns the innermost of them."""
        self.root(threading.Thread._bootstrap)
        self.chain(threading.Thread._bootstrap, threading.Thread._bootstrap_inner, threading.Thread.run)
        return threading.Thread.run

    def limit(self, code, most):
        """Bounds how often a code can be in one stack."""
        self.limits[self.add(code)] = most

    def thread(self, thread, through=None):
        """Names a thread of `threading`, and a code that must be in its stack while the program works."""
        self.threads.append(
            {"tid": thread.native_id, "name": thread.name, "through": None if through is None else self.add(through)}
        )

    def start_threads(self, threads, started):
        """Starts threads, each given as name, target and arguments, and waits until all have put something into `started`."""
        run = self.thread_root()
        running = []
        for name, target, args in threads:
            thread = threading.Thread(target=target, args=args, name=name)
            thread.start()
            running.append(thread)
            self.edge(run, target)
            self.thread(thread, target)
        while len(started) < len(running):
            time.sleep(0.001)
        return running

    def ready(self, **more):
        """Tells the truth and starts the clock."""
        document = {
            "truth": 1,
            "pid": os.getpid(),
            "python": list(sys.version_info[:3]),
            "columns": HAS_COLUMNS,
            "strict": self.strict,
            "files": self.files,
            "codes": [
                {"name": code_name(c), "file": c.co_filename, "firstLine": c.co_firstlineno, "positions": positions(c)}
                for c in self.codes
            ],
            "roots": sorted(set(self.roots)),
            "edges": [[a, b] if lines is None else [a, b, sorted(lines)] for (a, b), lines in sorted(self.edges.items())],
            "limits": sorted(self.limits.items()),
            "threads": self.threads,
        }
        document.update(more)
        sys.stdout.write(json.dumps(document) + "\n")
        sys.stdout.flush()
        start_clock()


def program(strict=True, modules=(), below=()):
    """The truth of the calling module, which is the program itself.

    `modules` are modules it imported and calls; `below` the functions its own module is called from, outermost first.
    """
    truth = Truth(strict)
    truth.add(running, "running")
    for module in modules:
        with open(module.__file__, encoding="utf-8") as file:
            source = file.read()
        truth.add_module(compile(source, module.__file__, "exec"), source)
    main = truth.add_module(sys._getframe(1).f_code, root=not below)
    if below:
        truth.root(below[0])
        truth.chain(*below)
        truth.edge(below[-1], main)
    return truth

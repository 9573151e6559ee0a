"""Code objects that are made, called and forgotten: soon others are at their addresses. A function's name, file and lines
belong together: f_3_2 is of the file <mod_3>, stands on lines 420 to 424, and is called by f_3_1 alone, on line 413. A
frame that shows another code object than the one that ran is seen. ../lib/judges.mjs knows these
numbers too."""

import target

MODULES = 12
FUNCTIONS = 6
LINES_OF_MODULE = 100
LINES_OF_FUNCTION = 10


def first_line(module, function):
    return LINES_OF_MODULE * (module + 1) + LINES_OF_FUNCTION * function


def source(module):
    lines = [""] * (first_line(module, FUNCTIONS) - 1)
    for function in range(FUNCTIONS):
        is_last = function + 1 == FUNCTIONS
        text = [
            "def f_%d_%d(n):" % (module, function),
            "    for i in range(n):",
            "        n += i",
            "    n %= 50" if is_last else "    f_%d_%d(n %% 50)" % (module, function + 1),
            "    return n",
        ]
        begin = first_line(module, function) - 1
        lines[begin : begin + len(text)] = text
    lines.append("for i in range(40): f_%d_0(i)" % module)
    return "\n".join(lines) + "\n"


def work(sources):
    while target.running():
        for text, name in sources:
            exec(compile(text, name, "exec"), {})


sources = [(source(module), "<mod_%d>" % module) for module in range(MODULES)]
target.ready()
work(sources)

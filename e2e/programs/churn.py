"""Nothing but calls and returns. Each function is named by its place: f_0_1 is called by f_0 alone, on one line. A stack
whose frames were read at different moments has a wrong pair in it, and the names show it."""

import truth

DEPTH = 7
CHILDREN = 2
FILE = "<churn>"


def source():
    lines = []
    todo = [("f_0", 1)]
    while todo:
        name, depth = todo.pop()
        lines.append("def %s():" % name)
        if depth == DEPTH:
            lines.append("    pass")
            continue
        for child in range(CHILDREN):
            callee = "%s_%d" % (name, child)
            lines.append("    %s()  %s %s" % (callee, truth.CALLS, callee))
            todo.append((callee, depth + 1))
    return "\n".join(lines) + "\n"


def work(top):
    while truth.running():  #> running
        for _ in range(20):
            top()


if __name__ == "__main__":
    text = source()
    code = compile(text, FILE, "exec")
    names = {}
    exec(code, names)
    told = truth.program()
    told.add_module(code, text)
    told.edge(work, names["f_0"])
    told.ready()
    work(names["f_0"])  #> work

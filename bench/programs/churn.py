"""Nothing but calls and returns, the worst case for a sampler that does not stop its target. Every function is named by
the only path that leads to it: f_0_1 is called by f_0 alone. A stack put together from different moments shows."""

import target

DEPTH = 7
CHILDREN = 2


def source(name, depth):
    if depth == DEPTH:
        return "def %s():\n    pass\n" % name
    children = ["%s_%d" % (name, i) for i in range(CHILDREN)]
    own = "def %s():\n%s\n" % (name, "\n".join("    %s()" % child for child in children))
    return own + "".join(source(child, depth + 1) for child in children)


def work(top):
    while target.running():
        for _ in range(20):
            top()


names = {}
exec(compile(source("f_0", 1), "<churn>", "exec"), names)
target.ready()
work(names["f_0"])

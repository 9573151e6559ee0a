"""Code objects that are made, run and forgotten, over and over: their addresses are soon used again by others. Each
name carries the number of its module, so a stack that mixes two modules, or a name with another's lines, shows."""

import truth

MODULES = 12


def source_of(module):
    # Each module's code stands on lines of its own.
    return "\n" * (module * 10) + (
        "def m{0}_top():\n"
        "    m{0}_middle()  {1} m{0}_middle\n"
        "def m{0}_middle():\n"
        "    m{0}_leaf(1)  {1} m{0}_leaf\n"
        "    m{0}_leaf(2)  {1} m{0}_leaf\n"
        "def m{0}_leaf(n):\n"
        "    for i in range(40 * n):\n"
        "        n += i\n"
        "for i in range(20): m{0}_top()  {1} m{0}_top\n"
    ).format(module, truth.CALLS)


def name_of(module):
    return "<generated %d>" % module


def work():
    sources = [(source_of(module), name_of(module)) for module in range(MODULES)]  #> <listcomp> > source_of, <listcomp> > name_of
    while truth.running():  #> running
        for source, name in sources:
            exec(compile(source, name, "exec"), {})


if __name__ == "__main__":
    told = truth.program()
    for number in range(MODULES):
        text = source_of(number)  #> source_of
        told.edge(work, told.add_module(compile(text, name_of(number), "exec"), text))  #> name_of
    told.ready()
    work()  #> work

"""Goes two known ways from Python to C to Python to C, for ever. The extension is in the folder named first."""
import functools
import sys

sys.path.insert(0, sys.argv[1])
import nativepath

# In seconds. In a hurry the frames of one way soon lie where those of the other were.
SPIN = 0.000003 if "hurry" in sys.argv else 0.001


def first_back():
    nativepath.first_spin(SPIN)


def second_back():
    nativepath.second_spin(SPIN)


def first_way():
    nativepath.first_call(first_back)


def second_way():
    nativepath.second_call(second_back)


def dive(depth):
    # Python to Python to C to Python.
    return pass_on(depth)


def pass_on(depth):
    if depth == 0:
        return nativepath.first_spin(SPIN)
    if depth % 2:
        return sorted([depth], key=sort_key)
    return functools.reduce(reduce_step, [depth, depth])


def sort_key(depth):
    dive(depth - 1)
    return 0


def reduce_step(before, depth):
    dive(depth - 1)
    return depth


def produce():
    while True:
        first_way()
        yield 1
        second_way()
        yield 2


async def coroutine():
    for _ in produce():
        dive(4)


if "frameless" in sys.argv:
    nativepath.start_frameless()
print("ready", flush=True)
while "hurry" in sys.argv:
    first_way()
    second_way()
coroutine().send(None)

"""Python calls C, which calls Python, which calls C: in one thread, for ever. `folder=` names that of the extension. At
its end it prints how it got on, see `target.measure`."""

import sys

import target

sys.path.insert(0, target.text("folder"))
import native_work

STEPS = 20_000


def callback():
    native_work.burn(STEPS)


def unit(_):
    native_work.outer(callback)


target.measure(unit)

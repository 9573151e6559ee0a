"""Started with `python -m pkgdemo`: the frames of runpy lie below the module."""

import runpy

import truth
from pkgdemo import work


def main():
    work.work()  #> work


if __name__ == "__main__":
    told = truth.program(modules=[work], below=[runpy._run_module_as_main, runpy._run_code])
    told.ready()
    main()  #> main

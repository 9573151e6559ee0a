"""Names beyond ASCII: identifiers of one, two and three bytes a letter, lines with such text before a call, and a file
name with an emoji and a byte that is not UTF-8. The program copies itself to that name and goes on there."""

import os
import shutil
import sys
import tempfile

import truth

ODD_NAME = b"caf\xe9-" + "🐍".encode() + b".py"


def tourner(n):
    total = 0
    for i in range(n * 300):
        total += i
    return total


def naïve_café(n):
    return tourner(n)  #> tourner


def 計算(n):
    数 = "日本語"; return naïve_café(n + len(数))  #> naïve_café


class Größe:
    def größer(self, n):
        return "🐍🐍" and 計算(n)  #> 計算

    def Ж(self):
        return "é", (lambda λ: self.größer(λ))(20)  #> <lambda> > Größe.größer


def work():
    größe = Größe()
    while truth.running():  #> running
        größe.Ж()  #> Größe.Ж
        naïve_café(30)  #> naïve_café


def move_to_odd_name():
    folder = tempfile.mkdtemp(prefix="austin-names-")
    path = os.path.join(os.fsencode(folder), ODD_NAME)
    shutil.copyfile(__file__, path)
    paths = [os.path.dirname(os.path.abspath(__file__)), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.environ["AUSTIN_ODD_NAME"] = folder
    os.execv(sys.executable, [sys.executable, path] + sys.argv[1:])


if __name__ == "__main__":
    folder = os.environ.pop("AUSTIN_ODD_NAME", None)
    if folder is None:
        move_to_odd_name()
    told = truth.program()
    shutil.rmtree(folder)
    told.ready()
    work()  #> work

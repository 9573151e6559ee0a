"""A program that starts other Python processes and says which. The first argument tells how:

    children.py short COUNT          COUNT processes that live for 50 ms, four at a time
    children.py shell PYTHON         a shell that starts PYTHON
    children.py pool METHOD          a multiprocessing pool of two workers, started by fork, spawn or forkserver
    children.py exec PYTHON          becomes a shell, which becomes PYTHON
    children.py orphan               a process that outlives its parent, which another one started
    children.py killed               two processes, of which one is killed

Each process that does `job` prints a line {"pid": ..., "version": ...} when it begins, and ends by itself.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time


def say(**facts):
    os.write(1, (json.dumps(facts) + "\n").encode())


def job(seconds):
    say(pid=os.getpid(), version="%d.%d.%d" % sys.version_info[:3])
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.001)


def pool_job(seconds):
    job(seconds)
    return os.getpid()


def child(*arguments, python=sys.executable):
    return [python, "-S", os.path.abspath(__file__), *arguments]


def short(count):
    left = int(count)
    running = []
    while left > 0 or running:
        while left > 0 and len(running) < 4:
            running.append(subprocess.Popen(child("job", "0.05")))
            left -= 1
        running.pop(0).wait()


def shell(python):
    command = " ".join("'%s'" % word for word in child("job", "0.3", python=python))
    subprocess.run(["sh", "-c", command + "; true"], check=True)


def pool(method):
    with multiprocessing.get_context(method).Pool(2) as workers:
        workers.map(pool_job, [0.2] * 4, chunksize=1)


def become(python):
    say(pid=os.getpid(), version="%d.%d.%d" % sys.version_info[:3])
    time.sleep(0.2)
    command = "sleep 0.1; exec " + " ".join("'%s'" % word for word in child("job", "0.3", python=python))
    os.execv("/bin/sh", ["sh", "-c", command])


def orphan():
    # The shell ends at once; what it started goes on, with another parent.
    command = " ".join("'%s'" % word for word in child("job", "0.6"))
    subprocess.run(["sh", "-c", command + " & sleep 0.05"], check=True)


def killed():
    victim = subprocess.Popen(child("job", "60"), stdout=subprocess.PIPE)
    other = subprocess.Popen(child("job", "0.4"))
    os.write(1, victim.stdout.readline())
    time.sleep(0.1)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    other.wait()


if __name__ == "__main__":
    how, *rest = sys.argv[1:]
    if how == "job":
        job(float(rest[0]))
    elif how == "exec":
        become(rest[0])
    else:
        {"short": short, "shell": shell, "pool": pool, "orphan": orphan, "killed": killed}[how](*rest)

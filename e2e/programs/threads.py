"""Five named threads whose stacks are known: asleep, computing, waiting for a lock; two with names that are not ASCII."""

import threading
import time

import truth

started = []
lock = threading.Lock()
finished = False


def asleep():
    started.append("asleep")
    while not finished:
        time.sleep(0.05)


def spin(n):
    total = 0
    for i in range(n):
        total += i
    return total


def burn():
    started.append("burn")
    while not finished:
        spin(1000)  #> spin


def wait_for_lock():
    started.append("lock")
    lock.acquire()
    lock.release()


def in_steps():
    started.append("steps")
    while not finished:
        first_step()  #> first_step


def first_step():
    second_step()  #> second_step


def second_step():
    time.sleep(0.002)


def from_a_lambda():
    nap = lambda: time.sleep(0.01)  # noqa: E731
    started.append("lambda")
    while not finished:
        nap()  #> from_a_lambda.<locals>.<lambda>


def work():
    while truth.running():  #> running
        time.sleep(0.02)


THREADS = [
    ("sleeper", asleep),
    ("burner", burn),
    ("waiting for a lock", wait_for_lock),
    ("naïve-Übung", in_steps),
    ("スレッド🧵", from_a_lambda),
]

if __name__ == "__main__":
    told = truth.program()
    told.thread(threading.main_thread())
    lock.acquire()
    threads = told.start_threads([(name, target, ()) for name, target in THREADS], started)
    told.ready()
    work()  #> work
    finished = True
    lock.release()
    for thread in threads:
        thread.join()
